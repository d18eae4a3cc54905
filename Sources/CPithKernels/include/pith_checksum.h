// Checksums of byte strings.

#ifndef PITH_CHECKSUM_H
#define PITH_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// XXH64 of Yann Collet's xxHash, seed 0.
uint64_t pith_xxh64(const uint8_t *bytes, size_t count);

#endif
