#include <stdlib.h>

#include "pith_coder_internal.h"
#include "include/pith_number_coder.h"

enum { FLAGS = 10, CLASSES = 6 };

typedef struct {
  pith_bit_model significance[CLASSES * 3], sign[9], greater[FLAGS][CLASSES], prefix[64];
} level_models;

static void start(level_models *models) {
  pith_bit_model *all = (pith_bit_model *)models;
  for (size_t index = 0; index < sizeof *models / sizeof *all; index++)
    all[index] = (pith_bit_model){32768, 32768};
}

PITH_INLINE int code_bit(pith_coder *c, pith_bit_model *model, int bit, const int decoding) {
  if (decoding) return pith_decode_bit(c, model);
  pith_encode_bit(c, model, bit);
  return bit;
}

// Exp-Golomb of order 0: the number of bits of value + 1 in context, all but the first verbatim.
PITH_INLINE uint64_t code_remainder(pith_coder *c, level_models *models, uint64_t value,
                                    const int decoding) {
  uint32_t length = 0;  // of value + 1, less one
  if (!decoding) length = 63 - (uint32_t)__builtin_clzll(value + 1);
  uint32_t coded = 0;
  while (coded < 63 && code_bit(c, &models->prefix[coded], coded < length, decoding)) coded++;
  uint64_t rest = value + 1;
  uint32_t low = coded > 32 ? 32 : coded, high = coded - low;
  if (!decoding) {
    pith_encode_verbatim(c, (uint32_t)rest, low);
    if (high) pith_encode_verbatim(c, (uint32_t)(rest >> low), high);
    return value;
  }
  rest = pith_decode_verbatim(c, low);
  if (high) rest |= (uint64_t)pith_decode_verbatim(c, high) << low;
  return (((uint64_t)1 << coded) | rest) - 1;
}

static uint64_t magnitude(int64_t level) {
  return level < 0 ? (uint64_t)0 - (uint64_t)level : (uint64_t)level;
}

static uint32_t sign_class(int64_t level) { return level == 0 ? 0 : level < 0 ? 1 : 2; }

static uint32_t size_class(uint64_t left, uint64_t up) {
  uint64_t sum = (left > 1000 ? 1000 : left) + (up > 1000 ? 1000 : up);
  return sum < 3 ? (uint32_t)sum : sum < 6 ? 3 : sum < 20 ? 4 : 5;
}

PITH_INLINE int64_t code_level(pith_coder *c, level_models *models, int64_t level, int64_t left,
                               int64_t up, const int decoding) {
  uint32_t size = size_class(magnitude(left), magnitude(up));
  uint32_t nonzero = (uint32_t)(left != 0) + (uint32_t)(up != 0);
  if (!code_bit(c, &models->significance[size * 3 + nonzero], level != 0, decoding)) return 0;
  int negative =
      code_bit(c, &models->sign[sign_class(left) * 3 + sign_class(up)], level < 0, decoding);
  uint64_t above = decoding ? 0 : magnitude(level) - 1;
  uint32_t flags = 0;
  while (flags < FLAGS && code_bit(c, &models->greater[flags][size], above > flags, decoding))
    flags++;
  uint64_t coded = flags;
  if (flags == FLAGS) coded += code_remainder(c, models, above - FLAGS, decoding);
  coded += 1;
  return (int64_t)(negative ? (uint64_t)0 - coded : coded);
}

PITH_INLINE int code_levels(pith_coder *c, size_t rows, size_t columns, int64_t *levels,
                            const int decoding) {
  level_models *models = malloc(sizeof *models);
  if (!models) return -1;
  start(models);
  for (size_t row = 0; row < rows; row++) {
    for (size_t column = 0; column < columns; column++) {
      int64_t *here = levels + row * columns + column;
      int64_t left = column ? here[-1] : 0, up = row ? here[-(ptrdiff_t)columns] : 0;
      int64_t level = code_level(c, models, decoding ? 0 : *here, left, up, decoding);
      if (decoding) *here = level;
    }
  }
  free(models);
  return 0;
}

int pith_encode_levels(pith_coder *coder, size_t rows, size_t columns, const int64_t *levels) {
  return code_levels(coder, rows, columns, (int64_t *)levels, 0);
}

int pith_decode_levels(pith_coder *coder, size_t rows, size_t columns, int64_t *levels) {
  return code_levels(coder, rows, columns, levels, 1);
}
