// SPDX-License-Identifier: MIT
//
// The hashes of the benchmark, against published answers: FIPS 180-4's examples as NIST gives them, and the
// check value of CRC-32 from the catalogue of parametrised CRC algorithms.
#include <string.h>

#include "tests/bench/hash.h"
#include "tests/kernel/suite.h"

// `times` pieces of text make the message.
static bool hashes_to(const char *text, unsigned times, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    struct sha256 h;
    uint8_t digest[32];
    bool same = strlen(hex) == 64;

    sha256_begin(&h);
    for (unsigned i = 0; i < times; i++) {
        sha256_add(&h, text, strlen(text));
    }
    sha256_end(&h, digest);
    for (unsigned i = 0; i < 32; i++) {
        same = same && hex[2 * i] == digits[digest[i] >> 4] &&
               hex[2 * i + 1] == digits[digest[i] & 15];
    }
    return same;
}

static void sha256(void)
{
    CHECK(hashes_to("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    CHECK(hashes_to("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    CHECK(hashes_to("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    CHECK(hashes_to("aaaaaaaaaa", 100000,
                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

// However a message is cut, its hash is the same.
static void sha256_in_pieces(void)
{
    uint8_t text[300], whole[32], parts[32];
    struct sha256 h;

    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)(i * 7);
    }
    sha256_begin(&h);
    sha256_add(&h, text, sizeof text);
    sha256_end(&h, whole);
    for (size_t cut = 1; cut < sizeof text; cut++) {
        sha256_begin(&h);
        for (size_t at = 0; at < sizeof text; at += cut) {
            sha256_add(&h, text + at, cut < sizeof text - at ? cut : sizeof text - at);
        }
        sha256_end(&h, parts);
        CHECK(memcmp(whole, parts, sizeof whole) == 0);
    }
}

static void crc(void)
{
    CHECK_IS(crc32(0, "", 0), 0);
    CHECK_IS(crc32(0, "123456789", 9), 0xcbf43926u);
    CHECK_IS(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(sha256),
        CASE(sha256_in_pieces),
        CASE(crc),
    };

    SUITE_RUN("hash", cases);
}
