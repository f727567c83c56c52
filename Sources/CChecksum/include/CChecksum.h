#pragma once

#include <stddef.h>
#include <stdint.h>

/// Continues a CRC-32C (Castagnoli) over `count` bytes. `state` starts at 0xFFFFFFFF; the checksum is its complement.
/// Uses the processor's own instruction where there is one.
uint32_t roost_crc32c(uint32_t state, const void *bytes, size_t count);

/// The same bit by bit, as the standard describes it: what the fast way is tested against, and the way without it.
uint32_t roost_crc32c_plain(uint32_t state, const void *bytes, size_t count);
