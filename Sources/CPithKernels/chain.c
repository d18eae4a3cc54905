#include "pith_chain.h"

#include <math.h>
#include <string.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

typedef float lanes __attribute__((vector_size(64), aligned(4)));
typedef int32_t mask __attribute__((vector_size(64)));

enum { LANES = 16, TILE = 256, GRAIN = 1 << 14 };

struct job {
  const struct pith_chain *chain;
  const float *const *inputs;
  float *output;
};

#define EVERY(value) ((lanes){0} + (value))
#define SIGN ((mask){0} + INT32_MIN)
#define CHOOSE(condition, a, b) ((lanes)(((mask)(a) & (condition)) | ((mask)(b) & ~(condition))))

// Functions of a vector work in place: a vector in the signature of a function that is compiled for
// several processors would be passed differently on each.

PITH_INLINE void hold(lanes *x, float low, float high) {
  // Comparisons are false for what is no number, which therefore stays.
  *x = CHOOSE(*x < low, EVERY(low), *x);
  *x = CHOOSE(*x > high, EVERY(high), *x);
}

/// Rounded to a whole number, as what is added to 1.5 * 2^23 is.
PITH_INLINE void nearest(lanes *x) {
  lanes sum = *x + 12582912;
  *x = sum - 12582912;
}

/// e^x = 2^n e^r with |r| <= ln 2 / 2 and a polynomial for e^r; to 2 units in the last place.
PITH_INLINE void exponential(lanes *x) {
  PITH_REASSOCIATE
  lanes v = *x;
  hold(&v, -87.3f, 88.7f);
  lanes n = v * 1.44269504f;
  nearest(&n);
  lanes r = v - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  lanes p = EVERY(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1;
  mask power = __builtin_convertvector(n, mask);
  lanes result = p * (lanes)((power + 127) << 23);
  result = CHOOSE(*x > 88.72283f, EVERY(INFINITY), result);
  result = CHOOSE(*x < -87.3f, EVERY(0), result);
  *x = CHOOSE(*x != *x, *x, result);
}

PITH_INLINE void sigmoid(lanes *x) {
  *x = -*x;
  exponential(x);
  *x = 1 / (1 + *x);
}

PITH_INLINE void tangent(lanes *x) {
  lanes v = *x, square = v * v;
  lanes p = EVERY(-5.70498872745e-3f);
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  lanes near = v + v * square * p;
  lanes far = v + v;
  exponential(&far);
  far = 1 - 2 / (far + 1);
  *x = CHOOSE((v < 0.625f) & (v > -0.625f), near, far);
}

/// Abramowitz and Stegun, 7.1.26.
PITH_INLINE void error(lanes *x) {
  mask sign = (mask)*x & SIGN;
  lanes v = (lanes)((mask)*x ^ sign);
  lanes t = 1 / (1 + 0.3275911f * v);
  lanes p = EVERY(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  lanes bell = -v * v;
  exponential(&bell);
  *x = (lanes)((mask)(1 - p * t * bell) | sign);
}

PITH_INLINE void root(lanes *x) {
  for (int i = 0; i < LANES; i++) (*x)[i] = sqrtf((*x)[i]);
}

/// x = f(x, y)
PITH_INLINE void apply(enum pith_chain_function function, float a, float b, lanes *x,
                       const lanes *second) {
  lanes v = *x, y = *second;
  switch (function) {
    case PITH_CHAIN_ADD: *x = v + y; break;
    case PITH_CHAIN_SUBTRACT: *x = v - y; break;
    case PITH_CHAIN_MULTIPLY: *x = v * y; break;
    case PITH_CHAIN_DIVIDE: *x = v / y; break;
    case PITH_CHAIN_MINIMUM: *x = CHOOSE((v < y) | (v != v), v, y); break;
    case PITH_CHAIN_MAXIMUM: *x = CHOOSE((v > y) | (v != v), v, y); break;
    case PITH_CHAIN_LEAKY_RELU: *x = CHOOSE(v > 0, v, v * a); break;
    case PITH_CHAIN_CLIP: hold(x, a, b); break;
    case PITH_CHAIN_LINEAR: *x = v * a + b; break;
    case PITH_CHAIN_ABSOLUTE: *x = (lanes)((mask)v & ~SIGN); break;
    case PITH_CHAIN_SQUARE: *x = v * v; break;
    case PITH_CHAIN_ROOT: root(x); break;
    case PITH_CHAIN_RECIPROCAL: *x = 1 / v; break;
    case PITH_CHAIN_HARD_SIGMOID:
      *x = v * a + b;
      hold(x, 0, 1);
      break;
    case PITH_CHAIN_HARD_SWISH:
      *x = v * a + b;
      hold(x, 0, 1);
      *x = *x * v;
      break;
    case PITH_CHAIN_EXPONENTIAL: exponential(x); break;
    case PITH_CHAIN_SIGMOID: sigmoid(x); break;
    case PITH_CHAIN_SWISH:
      *x = v * a;
      sigmoid(x);
      *x = *x * v;
      break;
    case PITH_CHAIN_TANGENT: tangent(x); break;
    case PITH_CHAIN_ERROR: error(x); break;
    case PITH_CHAIN_GELU:
      *x = v * 0.70710678f;
      error(x);
      *x = v * 0.5f * (1 + *x);
      break;
    case PITH_CHAIN_CLIP_SLOPE: *x = CHOOSE((y <= a) | (y >= b), EVERY(0), v); break;
    case PITH_CHAIN_SIGMOID_SLOPE: *x = v * y * (1 - y); break;
    case PITH_CHAIN_TANGENT_SLOPE: *x = v * (1 - y * y); break;
    case PITH_CHAIN_EXPONENTIAL_SLOPE: *x = v * y; break;
    case PITH_CHAIN_ROOT_SLOPE: *x = v / (y + y); break;
    case PITH_CHAIN_LEAKY_RELU_SLOPE: *x = CHOOSE(y > 0, v, v * a); break;
    case PITH_CHAIN_HARD_SWISH_SLOPE: {
      lanes slope = y * (2 * a) + b, line = y * a + b;
      slope = CHOOSE(line <= 0, EVERY(0), slope);
      *x = v * CHOOSE(line >= 1, EVERY(1), slope);
      break;
    }
  }
}

#define EACH_FUNCTION(EACH)                                                                   \
  EACH(PITH_CHAIN_ADD) EACH(PITH_CHAIN_SUBTRACT) EACH(PITH_CHAIN_MULTIPLY)                    \
  EACH(PITH_CHAIN_DIVIDE) EACH(PITH_CHAIN_MINIMUM) EACH(PITH_CHAIN_MAXIMUM)                   \
  EACH(PITH_CHAIN_LEAKY_RELU) EACH(PITH_CHAIN_CLIP) EACH(PITH_CHAIN_LINEAR)                   \
  EACH(PITH_CHAIN_ABSOLUTE) EACH(PITH_CHAIN_SQUARE) EACH(PITH_CHAIN_ROOT)                     \
  EACH(PITH_CHAIN_RECIPROCAL) EACH(PITH_CHAIN_HARD_SIGMOID) EACH(PITH_CHAIN_HARD_SWISH)       \
  EACH(PITH_CHAIN_EXPONENTIAL) EACH(PITH_CHAIN_SIGMOID) EACH(PITH_CHAIN_SWISH)                \
  EACH(PITH_CHAIN_TANGENT) EACH(PITH_CHAIN_ERROR) EACH(PITH_CHAIN_GELU)                       \
  EACH(PITH_CHAIN_CLIP_SLOPE) EACH(PITH_CHAIN_SIGMOID_SLOPE) EACH(PITH_CHAIN_TANGENT_SLOPE)   \
  EACH(PITH_CHAIN_EXPONENTIAL_SLOPE) EACH(PITH_CHAIN_ROOT_SLOPE)                              \
  EACH(PITH_CHAIN_LEAKY_RELU_SLOPE) EACH(PITH_CHAIN_HARD_SWISH_SLOPE)

#define STEP(FUNCTION)                                        \
  case FUNCTION:                                              \
    for (size_t i = 0; i < TILE; i += LANES) {                \
      lanes value = *(const lanes *)(x + i);                  \
      apply(FUNCTION, step->a, step->b, &value, (const lanes *)(y + i)); \
      *(lanes *)(result + i) = value;                         \
    }                                                         \
    break;

/// Elements begin..<begin + count of a stretched input.
static void stretch(const struct pith_chain_input *input, const float *from, size_t begin,
                    size_t count, float *to) {
  size_t done = 0;
  while (done < count) {
    size_t place = begin + done, value = place / input->run % input->count;
    size_t left = count - done;
    if (input->run == 1) {
      size_t some = input->count - value < left ? input->count - value : left;
      memcpy(to + done, from + value, some * sizeof(float));
      done += some;
    } else {
      size_t rest = input->run - place % input->run, some = rest < left ? rest : left;
      for (size_t i = 0; i < some; i++) to[done + i] = from[value];
      done += some;
    }
  }
}

PITH_DISPATCHED(pith_chain_part, (void *context, size_t begin, size_t end), (context, begin, end)) {
  PITH_REASSOCIATE
  const struct job *job = context;
  const struct pith_chain *chain = job->chain;
  float tiles[PITH_CHAIN_INPUTS + PITH_CHAIN_STEPS][TILE] __attribute__((aligned(64)));
  const float *values[PITH_CHAIN_INPUTS + PITH_CHAIN_STEPS];
  for (size_t tile = begin; tile < end; tile++) {
    size_t start = tile * TILE;
    size_t count = chain->count - start < TILE ? chain->count - start : TILE;
    for (int32_t k = 0; k < chain->input_count; k++) {
      const struct pith_chain_input *input = &chain->inputs[k];
      int is_whole = input->run == 1 && input->count == chain->count;
      values[k] = is_whole && count == TILE ? job->inputs[k] + start : tiles[k];
      if (values[k] != tiles[k]) continue;
      // One number is spread once for all tiles.
      if (input->count > 1 || tile == begin)
        stretch(input, job->inputs[k], start, input->count > 1 ? count : TILE, tiles[k]);
      for (size_t i = count; input->count > 1 && i < TILE; i++) tiles[k][i] = 0;
    }
    for (int32_t k = 0; k < chain->step_count; k++) {
      const struct pith_chain_step *step = &chain->steps[k];
      int is_last = k + 1 == chain->step_count && count == TILE;
      const float *x = values[step->x], *y = values[step->y];
      float *result = is_last ? job->output + start : tiles[chain->input_count + k];
      switch (step->function) { EACH_FUNCTION(STEP) }
      values[chain->input_count + k] = result;
    }
    if (count < TILE)
      memcpy(job->output + start, tiles[chain->input_count + chain->step_count - 1],
             count * sizeof(float));
  }
}

void pith_chain_run(const struct pith_chain *chain, const float *const *inputs, float *output) {
  struct job job = {chain, inputs, output};
  size_t tiles = (chain->count + TILE - 1) / TILE;
  pith_parallel(tiles, GRAIN / TILE, pith_chain_part, &job);
}
