#include <stdlib.h>

#include "pith_coder_internal.h"
#include "include/pith_number_coder.h"

enum {
  DROPS = 16,          // exponents below the largest, the last class escapes
  DROP_INPUTS = 5,
  FRACTION_LEVELS = 3, // leading fraction bits that are coded in context
};

struct pith_float_model {
  size_t seen;
  pith_counter header[2][4096];  // trees over the trailing zeros and the largest exponent
  pith_counter escaped[4096];    // tree over an exponent far below the largest
  pith_counter order0[DROPS], order1[DROPS][DROPS], order2[DROPS][DROPS];
  pith_counter fraction[DROPS][1 << FRACTION_LEVELS];
  int32_t drop_weights[4][DROP_INPUTS];
  int32_t sign_weights[3];
  pith_counter sign[4], sign_of_drop[DROPS];
};

// What is learned within one tensor only.
typedef struct {
  pith_counter order0[DROPS], order1[DROPS][DROPS];
  pith_counter sign;
  uint32_t last, before, last_signs;
} local_model;

pith_float_model *pith_float_model_create(void) {
  pith_float_model *model = calloc(1, sizeof *model);
  if (!model) return NULL;
  pith_counters_fill(&model->header[0][0], 2 * 4096, PITH_UNKNOWN);
  pith_counters_fill(model->escaped, 4096, PITH_UNKNOWN);
  pith_counters_fill(model->order0, DROPS, PITH_EVEN);
  pith_counters_fill(&model->order1[0][0], DROPS * DROPS, PITH_EVEN);
  pith_counters_fill(&model->order2[0][0], DROPS * DROPS, PITH_EVEN);
  pith_counters_fill(&model->fraction[0][0], DROPS << FRACTION_LEVELS, PITH_EVEN);
  pith_counters_fill(model->sign, 4, PITH_EVEN);
  pith_counters_fill(model->sign_of_drop, DROPS, PITH_EVEN);
  for (int level = 0; level < 4; level++)
    for (int input = 0; input < DROP_INPUTS; input++) model->drop_weights[level][input] = 14000;
  for (int input = 0; input < 3; input++) model->sign_weights[input] = 22000;
  return model;
}

pith_float_model *pith_float_model_copy(const pith_float_model *model) {
  pith_float_model *copy = malloc(sizeof *copy);
  if (copy) *copy = *model;
  return copy;
}

void pith_float_model_release(pith_float_model *model) { free(model); }

// Codes a number of `depth` bits with a tree of 1 << depth counters, highest bit first.
PITH_INLINE uint32_t code_tree(pith_coder *c, pith_counter *tree, uint32_t depth, uint32_t value,
                               const int decoding) {
  uint32_t node = 1;
  for (uint32_t level = 0; level < depth; level++) {
    int bit = (value >> (depth - 1 - level)) & 1;
    bit = pith_code_counter(c, &tree[node], bit, 255, decoding);
    node = node << 1 | (uint32_t)bit;
  }
  return node - (1u << depth);
}

PITH_INLINE uint32_t code_drop(pith_coder *c, pith_float_model *model, local_model *local,
                               uint32_t drop, int32_t rate, const int decoding) {
  uint32_t node = 1, mean = (local->last + local->before + 1) / 2;
  for (uint32_t level = 0; level < 4; level++) {
    pith_counter *inputs[DROP_INPUTS] = {
        &model->order0[node],        &model->order1[local->last][node],
        &model->order2[mean][node],  &local->order0[node],
        &local->order1[mean][node],
    };
    int bit = (drop >> (3 - level)) & 1;
    bit = pith_code_mixed(c, inputs, model->drop_weights[level], DROP_INPUTS, rate, 1023, bit,
                          decoding);
    node = node << 1 | (uint32_t)bit;
  }
  return node - DROPS;
}

PITH_INLINE int code_sign(pith_coder *c, pith_float_model *model, local_model *local,
                          uint32_t drop, int sign, int32_t rate, const int decoding) {
  pith_counter *inputs[3] = {&model->sign[local->last_signs], &model->sign_of_drop[drop],
                             &local->sign};
  sign = pith_code_mixed(c, inputs, model->sign_weights, 3, rate, 255, sign, decoding);
  local->last_signs = (local->last_signs << 1 | (uint32_t)sign) & 3;
  return sign;
}

PITH_INLINE uint64_t code_verbatim(pith_coder *c, uint64_t value, uint32_t count,
                                   const int decoding) {
  uint32_t low = count > 32 ? 32 : count, high = count - low;
  if (decoding) {
    value = pith_get_verbatim(c, low);
    if (high) value |= (uint64_t)pith_get_verbatim(c, high) << low;
  } else {
    pith_put_verbatim(c, (uint32_t)value, low);
    if (high) pith_put_verbatim(c, (uint32_t)(value >> low), high);
  }
  return value;
}

PITH_INLINE uint64_t load(const uint8_t *bytes, size_t index, uint32_t width) {
  const uint8_t *at = bytes + index * (width / 8);
  uint64_t value = (uint64_t)at[0] | (uint64_t)at[1] << 8;
  if (width >= 32) value |= (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
  if (width == 64)
    for (int byte = 4; byte < 8; byte++) value |= (uint64_t)at[byte] << (8 * byte);
  return value;
}

PITH_INLINE void store(uint8_t *bytes, size_t index, uint32_t width, uint64_t value) {
  uint8_t *at = bytes + index * (width / 8);
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
  if (width >= 32) {
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
  }
  if (width == 64)
    for (int byte = 4; byte < 8; byte++) at[byte] = (uint8_t)(value >> (8 * byte));
}

PITH_INLINE void code_floats(pith_coder *coder, pith_float_model *model, pith_float_format format,
                             uint8_t *bytes, size_t count, const int decoding) {
  pith_coder c = *coder;
  const uint32_t fraction_bits = format.width - 1 - format.exponent;
  const uint32_t exponent_mask = (1u << format.exponent) - 1;
  uint32_t trailing = fraction_bits, largest = 0;
  if (!decoding) {
    for (size_t index = 0; index < count; index++) {
      uint64_t value = load(bytes, index, format.width);
      while (trailing > 0 && (value & (((uint64_t)1 << trailing) - 1))) trailing--;
      uint32_t exponent = (uint32_t)(value >> fraction_bits) & exponent_mask;
      if (exponent > largest) largest = exponent;
    }
  }
  trailing = code_tree(&c, model->header[0], 6, trailing, decoding);
  if (trailing > fraction_bits) trailing = fraction_bits;
  largest = code_tree(&c, model->header[1], format.exponent, largest, decoding);
  local_model local;
  pith_counters_fill(local.order0, DROPS, PITH_EVEN);
  pith_counters_fill(&local.order1[0][0], DROPS * DROPS, PITH_EVEN);
  local.sign = PITH_EVEN;
  local.last = local.before = 2;
  local.last_signs = 0;
  const uint32_t kept = fraction_bits - trailing;
  const uint32_t modelled = kept < FRACTION_LEVELS ? kept : FRACTION_LEVELS;
  const uint64_t fraction_mask = ((uint64_t)1 << fraction_bits) - 1;
  for (size_t index = 0; index < count; index++) {
    uint64_t value = decoding ? 0 : load(bytes, index, format.width);
    uint32_t exponent = (uint32_t)(value >> fraction_bits) & exponent_mask;
    uint32_t drop = largest - exponent;
    if (drop > DROPS - 1) drop = DROPS - 1;
    int32_t rate = pith_mix_rate(model->seen++);
    drop = code_drop(&c, model, &local, drop, rate, decoding);
    if (drop == DROPS - 1) {
      exponent = code_tree(&c, model->escaped, format.exponent, exponent, decoding);
    } else {
      exponent = (largest - drop) & exponent_mask;
    }
    int sign = (int)(value >> (format.width - 1)) & 1;
    sign = code_sign(&c, model, &local, drop, sign, rate, decoding);
    uint64_t fraction = (value & fraction_mask) >> trailing;
    uint32_t lead = (uint32_t)(fraction >> (kept - modelled));
    lead = code_tree(&c, model->fraction[drop], modelled, lead, decoding);
    uint64_t rest = code_verbatim(&c, fraction, kept - modelled, decoding);
    if (decoding) {
      fraction = (uint64_t)lead << (kept - modelled) | rest;
      store(bytes, index, format.width,
            (uint64_t)sign << (format.width - 1) | (uint64_t)exponent << fraction_bits |
                fraction << trailing);
    }
    local.before = local.last;
    local.last = drop;
  }
  *coder = c;
}

void pith_encode_floats(pith_coder *coder, pith_float_model *model, pith_float_format format,
                        const uint8_t *bytes, size_t count) {
  code_floats(coder, model, format, (uint8_t *)bytes, count, 0);
}

void pith_decode_floats(pith_coder *coder, pith_float_model *model, pith_float_format format,
                        uint8_t *bytes, size_t count) {
  code_floats(coder, model, format, bytes, count, 1);
}
