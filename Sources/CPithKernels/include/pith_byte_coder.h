// Context-mixing coder of bytes, for text and for messages: predicts each bit from the bytes
// before it, and from a prior text that encoder and decoder both know.

#ifndef PITH_BYTE_CODER_H
#define PITH_BYTE_CODER_H

#include "pith_arithmetic_coder.h"

/// Codes `count` bytes after learning from `prior`. Returns 0, or -1 without memory.
int pith_encode_bytes(pith_coder *coder, const uint8_t *prior, size_t prior_count,
                      const uint8_t *bytes, size_t count);
int pith_decode_bytes(pith_coder *coder, const uint8_t *prior, size_t prior_count, uint8_t *bytes,
                      size_t count);

#endif
