// SPDX-License-Identifier: MIT
#include "drivers/net/host_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/clock/host.h"

enum {
    LONGEST = 2048, // bytes that are read at once; longer frames arrive cut, and are still too long
    AT_ONCE = 64,   // frames per interrupt
    PATIENCE = 200, // ms to wait for a peer whose queue is full
};

static int fd = -1;
static void (*arrived)(const uint8_t *frame, size_t n);
static struct sockaddr_un local, remote = { .sun_family = AF_UNSPEC };

static void interrupt(void)
{
    static uint8_t frame[LONGEST]; // the stack may be any tasklet's

    for (int i = 0; i < AT_ONCE; i++) {
        struct pollfd ready = { .fd = fd, .events = POLLIN };

        if (poll(&ready, 1, 0) <= 0) {
            return;
        }
        ssize_t n = read(fd, frame, sizeof frame);

        if (n <= 0) {
            return;
        }
        arrived(frame, (size_t)n);
    }
}

void wire_fd_send(const uint8_t *frame, size_t n)
{
    ssize_t sent;

    if (remote.sun_family == AF_UNIX) {
        sent = sendto(fd, frame, n, 0, (const struct sockaddr *)&remote, sizeof remote);
    } else {
        sent = write(fd, frame, n);
    }
    (void)sent; // a wire does not say whether anybody listens
}

static void use(int opened, void (*arrive)(const uint8_t *frame, size_t n))
{
    fd = opened;
    arrived = arrive;
    host_watch(fd, interrupt);
}

void wire_fd_close(void)
{
    if (fd >= 0) {
        host_unwatch(fd);
        close(fd);
        fd = -1;
        if (remote.sun_family == AF_UNIX) {
            unlink(local.sun_path);
        }
        remote.sun_family = AF_UNSPEC;
    }
}

// False if the path is empty or does not fit.
static bool set_path(struct sockaddr_un *a, const char *path, size_t n)
{
    if (n == 0 || n >= sizeof a->sun_path) {
        return false;
    }
    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    memcpy(a->sun_path, path, n);
    return true;
}

const char *wire_fd_dgram(const char *paths, void (*arrive)(const uint8_t *frame, size_t n))
{
    static const struct timeval patience = { .tv_usec = PATIENCE * 1000 };
    static bool cleaned;
    const char *colon = strchr(paths, ':');
    struct sockaddr_un to;

    if (colon == NULL || !set_path(&local, paths, (size_t)(colon - paths)) ||
        !set_path(&to, colon + 1, strlen(colon + 1))) {
        return "is not dgram:LOCALPATH:REMOTEPATH, of 107 bytes each at most";
    }
    int opened = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    unlink(local.sun_path);
    if (opened < 0 || bind(opened, (const struct sockaddr *)&local, sizeof local) < 0 ||
        setsockopt(opened, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) {
        const char *why = strerror(errno);

        close(opened);
        return why;
    }
    remote = to;
    use(opened, arrive);
    if (!cleaned) {
        cleaned = true;
        atexit(wire_fd_close);
    }
    return NULL;
}

const char *wire_fd_tap(const char *name, void (*arrive)(const uint8_t *frame, size_t n))
{
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

    if (*name == '\0' || strlen(name) >= sizeof request.ifr_name) {
        return "is not tap:NAME, of 15 bytes at most";
    }
    strcpy(request.ifr_name, name);
    int opened = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (opened < 0 || ioctl(opened, TUNSETIFF, &request) < 0) {
        const char *why = strerror(errno);

        close(opened);
        return why;
    }
    use(opened, arrive);
    return NULL;
}
