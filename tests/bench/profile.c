// SPDX-License-Identifier: MIT
//
// A QEMU plug-in that counts how often each instruction of the guest runs, exactly and without touching
// the guest. A guest that sleeps runs none, so what is counted is busy time. Whenever the guest comes to
// the address `mark`, all counters are written to OUT.0, OUT.1 and so on, as 64-bit numbers, one per
// halfword of code.
//
//     -plugin profile.so,out=PATH,base=0x0,size=0x100000,mark=0x1234
//
// Written against version 1 of the interface (QEMU 4.2 to 8), whose few functions are declared here
// because the distribution does not package its header.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

enum { INLINE_ADD_U64 = 0, CB_NO_REGS = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
                                           void (*cb)(plugin_id id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr,
                                                uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*cb)(unsigned vcpu, void *arg), int flags,
                                            void *arg);

extern int qemu_plugin_version;
int qemu_plugin_version = 1;
int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv);

static struct {
    const char *file;
    uint64_t base, size, mark;
    uint64_t *counts; // by halfword; the last one for code elsewhere
    unsigned marks;
} profile;

static void on_mark(unsigned vcpu, void *arg)
{
    char name[4096], partial[4200];
    size_t n = (size_t)(profile.size / 2 + 1);

    (void)vcpu;
    (void)arg;
    snprintf(name, sizeof name, "%s.%u", profile.file, profile.marks++);
    snprintf(partial, sizeof partial, "%s.part", name);
    FILE *f = fopen(partial, "wb");

    if (f == NULL || fwrite(profile.counts, sizeof *profile.counts, n, f) != n || fclose(f) != 0 ||
        rename(partial, name) != 0) {
        perror(name);
        exit(1);
    }
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t address = qemu_plugin_insn_vaddr(insn), offset = address - profile.base;
        size_t index = (size_t)(offset < profile.size ? offset / 2 : profile.size / 2);

        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &profile.counts[index], 1);
        if (address == profile.mark) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, CB_NO_REGS, NULL);
        }
    }
}

int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (value == NULL) {
            return -1;
        }
        *value++ = '\0';
        if (strcmp(argv[i], "out") == 0) {
            profile.file = strdup(value);
        } else if (strcmp(argv[i], "base") == 0) {
            profile.base = strtoull(value, NULL, 0);
        } else if (strcmp(argv[i], "size") == 0) {
            profile.size = strtoull(value, NULL, 0);
        } else if (strcmp(argv[i], "mark") == 0) {
            profile.mark = strtoull(value, NULL, 0);
        }
    }
    profile.counts = calloc((size_t)(profile.size / 2 + 1), sizeof *profile.counts);
    if (profile.file == NULL || profile.counts == NULL) {
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
