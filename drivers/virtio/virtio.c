// SPDX-License-Identifier: MIT
#include "drivers/virtio/virtio.h"

#include <errno.h>
#include <string.h>

// Registers [4.2.2, 4.2.4].
enum {
    MAGIC = 0x000,
    VERSION = 0x004,
    TYPE = 0x008,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_WORD = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_WORD = 0x024,
    LEGACY_PAGE_SIZE = 0x028,
    QUEUE = 0x030, // which one the next registers are about
    QUEUE_SIZE_MAX = 0x034,
    QUEUE_SIZE = 0x038,
    LEGACY_QUEUE_ALIGN = 0x03C,
    LEGACY_QUEUE_PAGE = 0x040,
    QUEUE_READY = 0x044,
    NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACKNOWLEDGE = 0x064,
    STATUS = 0x070,
    QUEUE_TABLE = 0x080, // these three: two words each
    QUEUE_AVAILABLE = 0x090,
    QUEUE_USED = 0x0A0,
    CONFIG = 0x100,
};

enum {
    IS_VIRTIO = 0x74726976, // "virt"
    STATUS_ACKNOWLEDGE = 1, // [2.1]
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
    STATUS_FAILED = 128,
    MODERN = 1, // VIRTIO_F_VERSION_1, bit 32, in the second word of features [6]
    LOOKS = 100000,
};

_Static_assert(VIRTQ_SIZE <= 32 && (VIRTQ_SIZE & (VIRTQ_SIZE - 1)) == 0, "see virtio.h");
_Static_assert(offsetof(struct virtq_memory, available) == 16 * VIRTQ_SIZE &&
                   offsetof(struct virtq_memory, used) % VIRTQ_ALIGN == 0 &&
                   offsetof(struct virtq_memory, used) - 16 * VIRTQ_SIZE <
                       2 * (3 + VIRTQ_SIZE) + VIRTQ_ALIGN,
               "where a legacy device looks for them [2.6.2]");

static uint32_t get(const struct virtio *v, uintptr_t offset)
{
    return *(volatile uint32_t *)(v->base + offset);
}

static void set(const struct virtio *v, uintptr_t offset, uint32_t value)
{
    *(volatile uint32_t *)(v->base + offset) = value;
}

static bool is(const struct virtio *v, uint32_t type)
{
    uint32_t version = get(v, VERSION);

    return get(v, MAGIC) == IS_VIRTIO && (version == 1 || version == 2) && get(v, TYPE) == type;
}

static bool find(struct virtio *v, uint32_t type)
{
    if (v->base != 0) {
        return is(v, type);
    }
    for (unsigned i = 0; i < virtio_slots.count; i++) {
        v->base = virtio_slots.base + (uintptr_t)virtio_slots.stride * i;
        v->line = (uint8_t)(virtio_slots.line + i);
        if (is(v, type)) {
            return true;
        }
    }
    v->base = 0;
    return false;
}

static int reset(const struct virtio *v)
{
    set(v, STATUS, 0);
    for (unsigned looks = LOOKS; get(v, STATUS) != 0; looks--) {
        if (looks == 0) {
            return -ETIMEDOUT;
        }
    }
    return 0;
}

// [3.1.1], and for legacy devices [3.1.2], which have no say in it.
static int agree(struct virtio *v, uint32_t wanted)
{
    set(v, DEVICE_FEATURES_WORD, 0);
    v->features = get(v, DEVICE_FEATURES) & wanted;
    set(v, DRIVER_FEATURES_WORD, 0);
    set(v, DRIVER_FEATURES, v->features);
    if (!v->modern) {
        set(v, LEGACY_PAGE_SIZE, VIRTQ_ALIGN);
        return 0;
    }
    set(v, DEVICE_FEATURES_WORD, 1);
    if ((get(v, DEVICE_FEATURES) & MODERN) == 0) {
        return -ENODEV;
    }
    set(v, DRIVER_FEATURES_WORD, 1);
    set(v, DRIVER_FEATURES, MODERN);
    set(v, STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return (get(v, STATUS) & STATUS_FEATURES_OK) != 0 ? 0 : -ENODEV;
}

int virtio_start(struct virtio *v, uint32_t type, uint32_t wanted)
{
    int error;

    if (!find(v, type)) {
        return -ENODEV;
    }
    v->modern = get(v, VERSION) == 2;
    error = reset(v);
    if (error != 0) {
        return error;
    }
    set(v, STATUS, STATUS_ACKNOWLEDGE);
    set(v, STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    error = agree(v, wanted);
    if (error != 0) {
        virtio_fail(v);
    }
    return error;
}

static void set_address(const struct virtio *v, uintptr_t offset, const volatile void *memory)
{
    uint64_t address = (uintptr_t)memory;

    set(v, offset, (uint32_t)address);
    set(v, offset + 4, (uint32_t)(address >> 32));
}

// [4.2.3.2, 4.2.4]
int virtq_start(const struct virtio *v, struct virtq *q, uint16_t number)
{
    struct virtq_memory *memory = q->memory;

    memset(memory, 0, sizeof *memory);
    *q = (struct virtq){ .memory = memory, .number = number };
    virtq_quiet(q, true);
    set(v, QUEUE, number);
    if (get(v, QUEUE_SIZE_MAX) < VIRTQ_SIZE) {
        return -ENODEV;
    }
    set(v, QUEUE_SIZE, VIRTQ_SIZE);
    if (v->modern) {
        set_address(v, QUEUE_TABLE, memory->table);
        set_address(v, QUEUE_AVAILABLE, &memory->available);
        set_address(v, QUEUE_USED, &memory->used);
        set(v, QUEUE_READY, 1);
    } else {
        set(v, LEGACY_QUEUE_ALIGN, VIRTQ_ALIGN);
        set(v, LEGACY_QUEUE_PAGE, (uint32_t)((uintptr_t)memory / VIRTQ_ALIGN));
    }
    return 0;
}

void virtio_ready(const struct virtio *v)
{
    set(v, STATUS, get(v, STATUS) | STATUS_DRIVER_OK);
}

void virtio_fail(const struct virtio *v)
{
    set(v, STATUS, get(v, STATUS) | STATUS_FAILED);
}

uint8_t virtio_config8(const struct virtio *v, unsigned offset)
{
    return *(volatile uint8_t *)(v->base + CONFIG + offset);
}

uint16_t virtio_config16(const struct virtio *v, unsigned offset)
{
    return *(volatile uint16_t *)(v->base + CONFIG + offset);
}

uint32_t virtio_config32(const struct virtio *v, unsigned offset)
{
    return get(v, CONFIG + offset);
}

bool virtio_acknowledge(const struct virtio *v)
{
    uint32_t reasons = get(v, INTERRUPT_STATUS);

    if (reasons == 0) {
        return false;
    }
    set(v, INTERRUPT_ACKNOWLEDGE, reasons);
    virtio_fence();
    return true;
}

void virtq_describe(struct virtq *q, unsigned id, void *memory, size_t length, uint16_t flags)
{
    struct virtq_descriptor *d = &q->memory->table[id];

    d->address = (uintptr_t)memory;
    d->length = (uint32_t)length;
    d->flags = flags;
}

// The index is seen after the entry that it makes valid [2.6.13.3], and the device's wish not to be
// notified is read after the index could be seen [2.6.13.4.1].
void virtq_post(const struct virtio *v, struct virtq *q, unsigned id)
{
    q->with_device |= UINT32_C(1) << id;
    q->memory->available.ring[q->posted % VIRTQ_SIZE] = (uint16_t)id;
    virtio_fence();
    q->memory->available.index = ++q->posted;
    virtio_fence();
    if ((q->memory->used.flags & VIRTQ_QUIET) == 0) {
        set(v, NOTIFY, q->number);
    }
}

// [2.6.14]
int virtq_take(struct virtq *q, uint32_t *written)
{
    uint32_t id;

    if (virtq_waiting(q) == 0) {
        return -EAGAIN;
    }
    virtio_fence();
    id = q->memory->used.ring[q->taken % VIRTQ_SIZE].id;
    *written = q->memory->used.ring[q->taken % VIRTQ_SIZE].length;
    q->taken++;
    if (id >= VIRTQ_SIZE || (q->with_device >> id & 1) == 0) {
        return -EIO;
    }
    q->with_device &= ~(UINT32_C(1) << id);
    return (int)id;
}
