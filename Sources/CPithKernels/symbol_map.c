#include "include/pith_symbol_map.h"

#include <stdlib.h>

#include "pith_coder_internal.h"

// A symbol is coded as a significance bin (is it not the zero symbol?) and, when significant, as
// the bins of a binary tree over the other symbols. Each bin is predicted by several adaptive
// counters at once - the element's column, row, channel and kernel position, and patterns of
// earlier neighbours - mixed by weights that are learned while coding.

enum {
  SIGNIFICANCE_INPUTS = 8,
  VALUE_INPUTS = 6,
  CONTEXT_LEVELS = 4,  // leading places of a value that are coded with all its inputs
  LATE_INPUTS = 2,     // inputs of the other places
  VALUE_CLASSES = 18,  // classes of a neighbouring symbol: zero and up to 16 ranges of others
  MAXIMUM_DEPTH = 8,
};

typedef struct {
  size_t seen;
  pith_counter row;
  pith_counter *columns, *channels;
  pith_counter pattern[1024], kernel[4096], position[256], crowd[17 * 8];
  int32_t weights[8][4][SIGNIFICANCE_INPUTS];
} significance_model;

typedef struct {
  size_t seen;
  uint32_t depth, shift, last;
  uint8_t *last_in_column;
  pith_counter *trees;  // VALUE_INPUTS x VALUE_CLASSES x (1 << depth)
  int32_t weights[MAXIMUM_DEPTH][VALUE_INPUTS];
} value_model;

typedef struct {
  const pith_symbol_map *map;
  uint8_t *storage;
  uint8_t *history;  // in `storage`: symbols coded so far, 0 for zero, others from 1
  significance_model significance;
  value_model value;
} symbol_models;

static size_t lag_of(const pith_symbol_map *map, int index) {
  return map->lags[index] ? map->lags[index] : 1;
}

static void release_models(symbol_models *models) {
  free(models->storage);
  free(models->significance.columns);
  free(models->significance.channels);
  free(models->value.last_in_column);
  free(models->value.trees);
  free(models);
}

static void start_significance(significance_model *model, const pith_symbol_map *map) {
  pith_counter start = pith_counter_at(map->density);
  pith_counters_fill(model->columns, map->columns + 1, start);
  pith_counters_fill(model->channels, map->columns / map->inner + 1, start);
  pith_counters_fill(model->pattern, 1024, start);
  pith_counters_fill(model->kernel, 4096, start);
  pith_counters_fill(model->position, 256, start);
  pith_counters_fill(model->crowd, 17 * 8, start);
  int32_t *weights = &model->weights[0][0][0];
  for (int index = 0; index < 8 * 4 * SIGNIFICANCE_INPUTS; index++) weights[index] = 8520;  // .13
}

static void start_values(value_model *model, uint32_t depth) {
  model->depth = depth;
  model->shift = depth > 4 ? depth - 4 : 0;
  pith_counters_fill(model->trees, (size_t)VALUE_INPUTS * VALUE_CLASSES << depth, PITH_EVEN);
  for (int level = 0; level < MAXIMUM_DEPTH; level++)
    for (int input = 0; input < VALUE_INPUTS; input++)
      model->weights[level][input] = level < CONTEXT_LEVELS ? 9830 : 29490;  // .15, .45
}

static symbol_models *make_models(const pith_symbol_map *map) {
  symbol_models *models = calloc(1, sizeof *models);
  if (!models) return NULL;
  uint32_t values = map->zero < map->symbols ? map->symbols - 1 : map->symbols, depth = 0;
  while ((1u << depth) < values) depth++;
  size_t first = lag_of(map, 0), second = lag_of(map, 1);
  size_t margin = (first > second ? first : second) + 1;
  if (margin < 2 * map->columns + 1) margin = 2 * map->columns + 1;
  if (margin < 2) margin = 2;
  models->map = map;
  models->storage = calloc(margin + map->rows * map->columns + 1, 1);
  models->history = models->storage + margin;
  models->significance.columns = malloc((map->columns + 1) * sizeof(pith_counter));
  models->significance.channels = malloc((map->columns / map->inner + 1) * sizeof(pith_counter));
  models->value.last_in_column = calloc(map->columns + 1, 1);
  models->value.trees =
      malloc(((size_t)VALUE_INPUTS * VALUE_CLASSES << depth) * sizeof(pith_counter));
  if (!models->storage || !models->significance.columns || !models->significance.channels ||
      !models->value.last_in_column || !models->value.trees) {
    release_models(models);
    return NULL;
  }
  start_significance(&models->significance, map);
  start_values(&models->value, depth);
  return models;
}

// Where the coder stands in the raster.
typedef struct {
  size_t index, column, channel;
  size_t position;    // within the kernel
  uint32_t age;       // bits of the row number, 0...7: how much the columns have learned
  uint32_t window;    // significance of the elements before this one in the row, latest lowest
  uint32_t survivors; // significant elements of this kernel so far
} symbol_place;

PITH_INLINE int code_significance(pith_coder *c, symbol_models *models, const symbol_place *at,
                                  int bit, const int decoding) {
  const pith_symbol_map *map = models->map;
  significance_model *model = &models->significance;
  const uint8_t *here = models->history + at->index;
  const uint8_t *first = here - map->lags[0], *second = here - map->lags[1];
  size_t row = map->columns;
  uint32_t a = first[0] > 0, a1 = first[1] > 0, a0 = first[-1] > 0;
  uint32_t b = second[0] > 0, b1 = second[1] > 0, b0 = second[-1] > 0;
  uint32_t left = here[-1] > 0, up = here[-(ptrdiff_t)row] > 0;
  uint32_t left2 = here[-2] > 0, up2 = here[-2 * (ptrdiff_t)row] > 0;
  uint32_t neighbours = left | left2 << 1 | a << 2 | b << 3 | a1 << 4 | a0 << 5 | b1 << 6 |
                        b0 << 7 | up << 8 | up2 << 9;
  uint32_t crowd = (uint32_t)__builtin_popcount(at->window & 0xffff) * 8 + a + b + a1 + a0 + b1 +
                   b0 + up;
  int kernels = map->inner > 1;
  uint32_t survivors = at->survivors > 63 ? 63 : at->survivors;
  uint32_t inside = kernels ? (uint32_t)(at->position & 63) << 6 | survivors : at->window & 255;
  uint32_t position = kernels ? (uint32_t)at->position & 255 : at->window & 255;
  pith_counter *inputs[SIGNIFICANCE_INPUTS] = {
      &model->pattern[neighbours], &model->columns[at->column],   &model->row,
      &model->channels[at->channel], &model->kernel[inside],      &model->crowd[crowd],
      &model->position[position],  &model->columns[at->column + 1],
  };
  int32_t logits[SIGNIFICANCE_INPUTS];
  for (int index = 0; index < SIGNIFICANCE_INPUTS; index++)
    logits[index] = pith_stretch(*inputs[index]);
  int32_t *weights = model->weights[at->age][left + a + b];
  uint32_t probability = pith_mix(logits, weights, SIGNIFICANCE_INPUTS);
  bit = pith_code(c, probability, bit, decoding);
  pith_mix_learn(logits, weights, SIGNIFICANCE_INPUTS, bit, probability,
                 pith_mix_rate(model->seen++));
  // The last input belongs to the next column, which learns in its own turn.
  for (int index = 0; index < SIGNIFICANCE_INPUTS - 1; index++)
    pith_counter_update(inputs[index], bit, 1023);
  return bit;
}

PITH_INLINE uint32_t value_class(const value_model *model, uint32_t symbol) {
  return symbol ? 1 + ((symbol - 1) >> model->shift) : 0;
}

// Codes a significant symbol, counted without the zero symbol; returns it counted from 1.
PITH_INLINE uint32_t code_value(pith_coder *c, symbol_models *models, const symbol_place *at,
                                uint32_t symbol, const int decoding) {
  value_model *model = &models->value;
  const uint8_t *here = models->history + at->index;
  const uint32_t classes[VALUE_INPUTS] = {
      0,
      value_class(model, model->last),
      value_class(model, model->last_in_column[at->column]),
      value_class(model, here[-(ptrdiff_t)models->map->lags[0]]),
      value_class(model, here[-(ptrdiff_t)models->map->lags[1]]),
      value_class(model, here[-1]),
  };
  uint32_t depth = model->depth, node = 1;
  pith_counter *trees[VALUE_INPUTS];
  for (uint32_t input = 0; input < VALUE_INPUTS; input++)
    trees[input] = model->trees + ((size_t)(input * VALUE_CLASSES + classes[input]) << depth);
  int32_t rate = pith_mix_rate(model->seen++);
  for (uint32_t level = 0; level < depth; level++) {
    pith_counter *inputs[VALUE_INPUTS];
    for (int input = 0; input < VALUE_INPUTS; input++) inputs[input] = trees[input] + node;
    int bit = (symbol >> (depth - 1 - level)) & 1;
    // The last places of a long codeword look alike in every context.
    if (level < CONTEXT_LEVELS) {
      bit = pith_code_mixed(c, inputs, model->weights[level], VALUE_INPUTS, rate, 1023, bit,
                            decoding);
    } else {
      bit = pith_code_mixed(c, inputs, model->weights[level], LATE_INPUTS, rate, 1023, bit,
                            decoding);
    }
    node = node << 1 | (uint32_t)bit;
  }
  uint32_t coded = node - (1u << depth);
  // A damaged stream can name a symbol outside the alphabet.
  uint32_t most = models->map->symbols - (models->map->zero < models->map->symbols) - 1;
  if (coded > most) coded = most;
  model->last = coded + 1;
  model->last_in_column[at->column] = (uint8_t)(coded + 1 > 255 ? 255 : coded + 1);
  return coded + 1;
}

PITH_INLINE int code_symbols(pith_coder *coder, const pith_symbol_map *map, uint8_t *symbols,
                             const int decoding) {
  symbol_models *models = make_models(map);
  if (!models) return -1;
  pith_coder c = *coder;
  uint8_t *history = models->history;
  const uint32_t zero = map->zero;
  const int has_zero = zero < map->symbols;
  symbol_place at = {0};
  for (size_t row = 0; row < map->rows; row++) {
    models->significance.row = pith_counter_at(map->density);
    at.age = 0;
    while (at.age < 7 && (row >> at.age) > 0) at.age++;
    at.window = 0;
    at.channel = 0;
    for (at.column = 0; at.column < map->columns; at.column++, at.index++) {
      uint32_t symbol = decoding ? 0 : symbols[at.index], coded = 0;
      int significant = 1;
      if (has_zero) {
        significant = code_significance(&c, models, &at, symbol != zero, decoding);
        at.window = at.window << 1 | (uint32_t)significant;
        at.survivors += (uint32_t)significant;
      }
      if (significant) {
        coded = code_value(&c, models, &at, symbol - (has_zero && symbol > zero), decoding);
      }
      history[at.index] = (uint8_t)(coded > 255 ? 255 : coded);
      if (decoding) {
        symbols[at.index] =
            coded == 0 ? (uint8_t)zero : (uint8_t)(coded - 1 + (has_zero && coded > zero));
      }
      if (++at.position == map->inner) {
        at.position = 0;
        at.survivors = 0;
        at.channel++;
      }
    }
  }
  *coder = c;
  release_models(models);
  return 0;
}

int pith_encode_symbols(pith_coder *coder, const pith_symbol_map *map, const uint8_t *symbols) {
  return code_symbols(coder, map, (uint8_t *)symbols, 0);
}

int pith_decode_symbols(pith_coder *coder, const pith_symbol_map *map, uint8_t *symbols) {
  return code_symbols(coder, map, symbols, 1);
}

size_t pith_coincidences(const uint64_t *bits, size_t count, size_t lag) {
  if (lag >= count) return 0;
  size_t words = (count + 63) / 64, skipped = lag / 64, total = 0;
  uint32_t shift = (uint32_t)(lag % 64);
  for (size_t word = 0; word + skipped < words; word++) {
    uint64_t later = bits[word + skipped] >> shift;
    if (shift && word + skipped + 1 < words) later |= bits[word + skipped + 1] << (64 - shift);
    total += (size_t)__builtin_popcountll(later & bits[word]);
  }
  return total;
}
