// Inner parts of the arithmetic coder, inlined into the models that use it.

#ifndef PITH_CODER_INTERNAL_H
#define PITH_CODER_INTERNAL_H

#include <string.h>

#include "include/pith_arithmetic_coder.h"

#define PITH_INLINE static inline __attribute__((always_inline))

// MARK: Range coder

void pith_encoder_push(pith_coder *coder, uint8_t byte);
void pith_encoder_push_verbatim(pith_coder *coder, uint8_t byte);

PITH_INLINE uint32_t pith_split(const pith_coder *c, uint32_t probability) {
  return c->low + (uint32_t)(((uint64_t)(c->high - c->low) * probability) >> 16);
}

// Codes one bin; `probability` of a one is in 1...65535.
PITH_INLINE void pith_put(pith_coder *c, uint32_t probability, int bit) {
  uint32_t middle = pith_split(c, probability);
  if (bit) c->high = middle; else c->low = middle + 1;
  while (((c->low ^ c->high) & 0xff000000u) == 0) {
    pith_encoder_push(c, (uint8_t)(c->high >> 24));
    c->low <<= 8;
    c->high = c->high << 8 | 255;
  }
}

PITH_INLINE int pith_get(pith_coder *c, uint32_t probability) {
  uint32_t middle = pith_split(c, probability);
  int bit = c->code <= middle;
  if (bit) c->high = middle; else c->low = middle + 1;
  while (((c->low ^ c->high) & 0xff000000u) == 0) {
    c->low <<= 8;
    c->high = c->high << 8 | 255;
    uint32_t next = c->input_position < c->input_count ? c->input[c->input_position] : 0;
    c->input_position++;
    c->code = c->code << 8 | next;
  }
  return bit;
}

PITH_INLINE int pith_code(pith_coder *c, uint32_t probability, int bit, const int decoding) {
  if (decoding) return pith_get(c, probability);
  pith_put(c, probability, bit);
  return bit;
}

// MARK: Verbatim bits, the first in the lowest place; at most 32 at once

PITH_INLINE void pith_put_verbatim(pith_coder *c, uint32_t value, uint32_t count) {
  c->bit_buffer |= (value & (((uint64_t)1 << count) - 1)) << c->bit_count;
  c->bit_count += count;
  while (c->bit_count >= 8) {
    pith_encoder_push_verbatim(c, (uint8_t)c->bit_buffer);
    c->bit_buffer >>= 8;
    c->bit_count -= 8;
  }
}

PITH_INLINE uint32_t pith_get_verbatim(pith_coder *c, uint32_t count) {
  while (c->bit_count < count) {
    uint64_t next = c->verbatim_position < c->verbatim_input_count
                        ? c->verbatim_input[c->verbatim_position]
                        : 0;
    c->verbatim_position++;
    c->bit_buffer |= next << c->bit_count;
    c->bit_count += 8;
  }
  uint32_t value = (uint32_t)(c->bit_buffer & (((uint64_t)1 << count) - 1));
  c->bit_buffer >>= count;
  c->bit_count -= count;
  return value;
}

// MARK: Adaptive probabilities

// The probability of a one in the upper 22 bits, the number of bins seen in the lower 10: an
// estimate that learns at rate 1 / (seen + 1.5) until `seen` reaches a limit.
typedef uint32_t pith_counter;

#define PITH_EVEN 0x80000002u     // one half, as if two bins had been seen
#define PITH_UNKNOWN 0x80000000u  // one half, and nothing seen: the only state with a zero count

extern uint32_t pith_reciprocals[1024];
extern int16_t pith_stretches[4096];
extern uint16_t pith_squashes[6144];

// A counter that starts at a probability of 16 bits, as if two bins had been seen.
PITH_INLINE pith_counter pith_counter_at(uint32_t probability) { return probability << 16 | 2; }

PITH_INLINE void pith_counters_fill(pith_counter *counters, size_t count, pith_counter value) {
  for (size_t index = 0; index < count; index++) counters[index] = value;
}

PITH_INLINE void pith_counter_update(pith_counter *counter, int bit, uint32_t limit) {
  uint32_t value = *counter, seen = value & 1023;
  int32_t error = (int32_t)((uint32_t)bit << 22) - (int32_t)(value >> 10);
  int32_t step = (error >> 3) * (int32_t)pith_reciprocals[seen];
  value += (uint32_t)step & 0xfffffc00u;
  *counter = value + (seen < limit);
}

// A probability of 16 bits in 1...65535.
PITH_INLINE uint32_t pith_counter_probability(pith_counter counter) {
  uint32_t probability = counter >> 16;
  return probability < 1 ? 1 : probability;
}

PITH_INLINE int pith_code_counter(pith_coder *c, pith_counter *counter, int bit, uint32_t limit,
                                  const int decoding) {
  bit = pith_code(c, pith_counter_probability(*counter), bit, decoding);
  pith_counter_update(counter, bit, limit);
  return bit;
}

// MARK: Mixing in the logistic domain

// ln(p / (1 - p)) in units of 1/256.
PITH_INLINE int32_t pith_stretch(pith_counter counter) { return pith_stretches[counter >> 20]; }

// The inverse, a probability of 16 bits in 1...65535.
PITH_INLINE uint32_t pith_squash(int64_t logit) {
  if (logit > 3071) logit = 3071;
  if (logit < -3072) logit = -3072;
  return pith_squashes[logit + 3072];
}

// p = squash(sum of weight * stretch(p_i)), weights in 1/65536.
PITH_INLINE uint32_t pith_mix(const int32_t *logits, const int32_t *weights, const int count) {
  int64_t sum = 0;
  for (int index = 0; index < count; index++) sum += (int64_t)logits[index] * weights[index];
  return pith_squash(sum >> 16);
}

// One step down the gradient of the coding cost; `rate` is below 512.
PITH_INLINE void pith_mix_learn(const int32_t *logits, int32_t *weights, const int count, int bit,
                                uint32_t probability, int32_t rate) {
  const int32_t bound = 1 << 22;
  int32_t error = (((bit << 16) - (int32_t)probability) * rate) >> 8;
  for (int index = 0; index < count; index++) {
    int32_t weight = weights[index] + ((logits[index] * error + 0x2000) >> 14);
    weights[index] = weight > bound ? bound : weight < -bound ? -bound : weight;
  }
}

// Learning rate after `seen` bins: fast at first, then slow.
PITH_INLINE int32_t pith_mix_rate(size_t seen) {
  return 14 + 65536 / (256 + (int32_t)(seen < 8192 ? seen : 8192));
}

// Predicts one bin from `count` counters, codes it, and teaches weights and counters.
PITH_INLINE int pith_code_mixed(pith_coder *c, pith_counter *const *inputs, int32_t *weights,
                                const int count, int32_t rate, uint32_t limit, int bit,
                                const int decoding) {
  int32_t logits[16];
  for (int index = 0; index < count; index++) logits[index] = pith_stretch(*inputs[index]);
  uint32_t probability = pith_mix(logits, weights, count);
  bit = pith_code(c, probability, bit, decoding);
  pith_mix_learn(logits, weights, count, bit, probability, rate);
  for (int index = 0; index < count; index++) pith_counter_update(inputs[index], bit, limit);
  return bit;
}

#endif
