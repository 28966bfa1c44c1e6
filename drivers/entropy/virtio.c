// SPDX-License-Identifier: MIT
//
// The machine that emulates this one makes random bits ("Virtual I/O Device (VIRTIO) Version 1.1",
// 5.4): a buffer goes to the device and comes back filled. QEMU has the device if it was asked for it,
// with `-device virtio-rng-device`; else jitter must do.
#include "drivers/entropy/entropy.h"

#include <errno.h>
#include <string.h>

#include "drivers/entropy/jitter.h"
#include "drivers/virtio/virtio.h"
#include "kernel/time.h"

enum {
    REQUEST_QUEUE = 0,
    REQUEST = 64,         // bytes at a time
    LIMIT = TICK_HZ / 20, // ticks; microseconds are usual, but the other machine may be busy
};

const char *entropy_source = "virtio-rng";
bool entropy_is_good = true;

static struct virtio device;
static struct virtq_memory memory;
static struct virtq queue = { .memory = &memory };
static uint8_t bits[REQUEST];
static bool started;

static void start(void)
{
    int error = virtio_start(&device, VIRTIO_ENTROPY, 0);

    started = true;
    if (error == 0) {
        error = virtq_start(&device, &queue, REQUEST_QUEUE);
    }
    if (error == 0) {
        virtio_ready(&device);
    } else {
        entropy_source = "jitter";
        entropy_is_good = false;
    }
}

// Waits for the buffer. Returns how many bytes came, 0 if none in time: then the device keeps it, and
// the next call goes on waiting.
static size_t request(size_t n)
{
    uint32_t since = clock_read(), written;

    if (queue.with_device == 0) {
        virtq_describe(&queue, 0, bits, n, VIRTQ_WRITE);
        virtq_post(&device, &queue, 0);
    }
    while (virtq_waiting(&queue) == 0) {
        if (clock_read() - since > LIMIT) {
            return 0;
        }
    }
    if (virtq_take(&queue, &written) < 0) {
        return 0;
    }
    return written < n ? written : n;
}

size_t entropy_read(void *buf, size_t n)
{
    uint8_t *to = buf;
    size_t done = 0;

    if (!started) {
        start();
    }
    if (!entropy_is_good) {
        return jitter_read(buf, n);
    }
    while (done < n) {
        size_t got = request(n - done < REQUEST ? n - done : REQUEST);

        if (got == 0) {
            break;
        }
        memcpy(to + done, bits, got);
        memset(bits, 0, sizeof bits);
        done += got;
    }
    return done;
}
