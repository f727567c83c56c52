#include "CChecksum.h"
#include <string.h>

uint32_t roost_crc32c_plain(uint32_t state, const void *bytes, size_t count) {
    const uint8_t *byte = bytes;
    for (size_t index = 0; index < count; index++) {
        state ^= byte[index];
        for (int bit = 0; bit < 8; bit++) state = state >> 1 ^ (state & 1 ? 0x82F63B78u : 0);
    }
    return state;
}

/* Eight bytes a step, then the rest: the shape of both instruction sets. */
#define BY_INSTRUCTION(eight, one)                                                                                     \
    const uint8_t *byte = bytes;                                                                                       \
    for (; count >= 8; byte += 8, count -= 8) {                                                                        \
        uint64_t word;                                                                                                 \
        memcpy(&word, byte, 8);                                                                                        \
        state = (uint32_t)eight(state, word);                                                                          \
    }                                                                                                                  \
    for (; count > 0; byte++, count--) state = one(state, *byte);                                                      \
    return state;

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t state, const void *bytes, size_t count) {
    BY_INSTRUCTION(__builtin_ia32_crc32di, __builtin_ia32_crc32qi)
}

static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
static uint32_t by_instruction(uint32_t state, const void *bytes, size_t count) {
    BY_INSTRUCTION(__builtin_arm_crc32cd, __builtin_arm_crc32cb)
}

static int has_instruction(void) { return 1; }
#else
static uint32_t by_instruction(uint32_t state, const void *bytes, size_t count) {
    return roost_crc32c_plain(state, bytes, count);
}

static int has_instruction(void) { return 0; }
#endif

uint32_t roost_crc32c(uint32_t state, const void *bytes, size_t count) {
    return has_instruction() ? by_instruction(state, bytes, count) : roost_crc32c_plain(state, bytes, count);
}
