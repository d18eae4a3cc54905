// A binary arithmetic coder with adaptive contexts mixed in the logistic domain.
//
// All arithmetic is on integers, so encoder and decoder agree on every machine. Nothing here
// traps: a decoder fed with arbitrary bytes reads zeros past their end and yields some symbols.

#ifndef PITH_ARITHMETIC_CODER_H
#define PITH_ARITHMETIC_CODER_H

#include <stddef.h>
#include <stdint.h>

/// One end of a coded stream: growing output when encoding, borrowed input when decoding.
///
/// A stream is two strings of bytes: arithmetic-coded bins, and verbatim bits that no model helps.
typedef struct {
  uint32_t low, high, code;
  int failed;  // an allocation failed; what was encoded is incomplete
  uint8_t *bins;
  size_t bin_count, bin_capacity;
  const uint8_t *input;
  size_t input_count, input_position;
  uint8_t *verbatim;
  size_t verbatim_count, verbatim_capacity;
  const uint8_t *verbatim_input;
  size_t verbatim_input_count, verbatim_position;
  uint64_t bit_buffer;
  uint32_t bit_count;
} pith_coder;

/// An encoder with empty output; release it with `pith_coder_release`.
void pith_encoder_start(pith_coder *coder);
/// Writes the last bytes; `bins` and `verbatim` are complete afterwards.
void pith_encoder_finish(pith_coder *coder);
/// A decoder of the two strings, which must stay alive while it is used.
void pith_decoder_start(pith_coder *coder, const uint8_t *bins, size_t bin_count,
                        const uint8_t *verbatim, size_t verbatim_count);
/// Frees what an encoder has written.
void pith_coder_release(pith_coder *coder);
/// Bytes that a decoder has asked for past the end of its input; more than 4 means damage.
size_t pith_decoder_overrun(const pith_coder *coder);

/// Two adaptive estimates of the probability of a one, 16 bits each, at a fast and a slow rate;
/// a sound start is `{32768, 32768}`.
typedef struct {
  uint16_t fast, slow;
} pith_bit_model;

/// Codes one bin with a two-rate model.
void pith_encode_bit(pith_coder *coder, pith_bit_model *model, int bit);
int pith_decode_bit(pith_coder *coder, pith_bit_model *model);

/// Codes the low `count` bits (at most 32) of a value verbatim.
void pith_encode_verbatim(pith_coder *coder, uint32_t value, uint32_t count);
uint32_t pith_decode_verbatim(pith_coder *coder, uint32_t count);

#endif
