// SPDX-License-Identifier: MIT
//
// The time from a server: a client of SNTP (RFC 4330), the simple half of NTP version 4 (RFC 5905).
//
//     if (dns_lookup("pool.ntp.org", SNTP_PORT, DNS_EITHER, &server, limit) == 0 &&
//         sntp_query(&server, &answer, limit) == 0) {
//         calendar_set(answer.offset);
//     }
#pragma once

#include <stdint.h>

#include "kernel/time.h"
#include "net/addr.h"

enum { SNTP_PORT = 123 };

struct sntp_answer {
    int64_t offset; // microseconds to add to time_us() for those since 1970
    uint32_t delay; // of the network, there and back, in microseconds; half of it is the most error
    uint8_t stratum; // 1: the server has a clock of its own; n: it has the time from one of n - 1
    char kiss[5];    // after -EACCES: the server's reason, as "RATE" or "DENY" (RFC 5905 7.4)
};

// Asks once. What comes meanwhile and is no answer to this request, by its address or by the 64 random
// bits that an answer must repeat, is ignored. 0 and *a; -EACCES: the server does not want to be asked
// (a kiss of death): leave it alone; -EPROTO: it has no time that could be used; or the errors of
// sock_udp(), sock_send_to(), sock_recv_from(). Context: tasklet.
int sntp_query(const struct net_addr *server, struct sntp_answer *a, deadline_t d);
