#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_normalization.h"
#include "pith_parallel.h"

enum { PIXELS = 64, GRAIN = 1 << 10 };

struct response {
  struct pith_lrn shape;
  const float *x, *upstream;
  float *y;
};

/// base^-beta; the usual beta of 3/4 needs two square roots.
PITH_INLINE float inverse_power(float base, float beta) {
  if (beta == 0.75f) {
    const float root = sqrtf(base);
    return 1 / (root * sqrtf(root));
  }
  return powf(base, -beta);
}

/// bias + alpha / size * sum of squares around a channel, for `width` pixels.
PITH_INLINE void neighbourhood(struct pith_lrn s, const float *x, size_t channel, size_t width,
                               float *base) {
  const size_t before = (s.size - 1) / 2, after = s.size - 1 - before;
  const size_t low = channel > before ? channel - before : 0;
  const size_t high = s.channels - 1 - channel > after ? channel + after : s.channels - 1;
  for (size_t i = 0; i < width; i++) base[i] = 0;
  for (size_t c = low; c <= high; c++) {
    for (size_t i = 0; i < width; i++) base[i] += x[c * s.pixels + i] * x[c * s.pixels + i];
  }
  for (size_t i = 0; i < width; i++) base[i] = s.bias + s.alpha / (float)s.size * base[i];
}

/// Blocks of pixels begin..<end, counted over the batch.
PITH_DISPATCHED(pith_lrn_blocks, (void *context, size_t begin, size_t end), (context, begin, end)) {
  const struct response *job = context;
  const struct pith_lrn s = job->shape;
  const size_t blocks = (s.pixels + PIXELS - 1) / PIXELS;
  float base[PIXELS];
  for (size_t block = begin; block < end; block++) {
    const size_t pixel = block % blocks * PIXELS;
    const size_t start = block / blocks * s.channels * s.pixels + pixel;
    const size_t width = s.pixels - pixel < PIXELS ? s.pixels - pixel : PIXELS;
    const float *x = job->x + start;
    for (size_t c = 0; c < s.channels; c++) {
      float *y = job->y + start + c * s.pixels;
      neighbourhood(s, x, c, width, base);
      for (size_t i = 0; i < width; i++) {
        y[i] = x[c * s.pixels + i] * inverse_power(base[i], s.beta);
      }
    }
  }
}

/// Each channel sends its gradient to itself and to the neighbours in its window.
PITH_DISPATCHED(pith_lrn_gradient_blocks,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct response *job = context;
  const struct pith_lrn s = job->shape;
  const size_t blocks = (s.pixels + PIXELS - 1) / PIXELS;
  const size_t before = (s.size - 1) / 2, after = s.size - 1 - before;
  const float factor = -2 * s.alpha * s.beta / (float)s.size;
  float base[PIXELS];
  for (size_t block = begin; block < end; block++) {
    const size_t pixel = block % blocks * PIXELS;
    const size_t start = block / blocks * s.channels * s.pixels + pixel;
    const size_t width = s.pixels - pixel < PIXELS ? s.pixels - pixel : PIXELS;
    const float *x = job->x + start, *upstream = job->upstream + start;
    float *y = job->y + start;
    for (size_t c = 0; c < s.channels; c++) {
      for (size_t i = 0; i < width; i++) y[c * s.pixels + i] = 0;
    }
    for (size_t c = 0; c < s.channels; c++) {
      neighbourhood(s, x, c, width, base);
      for (size_t i = 0; i < width; i++) {
        const float power = inverse_power(base[i], s.beta), g = upstream[c * s.pixels + i];
        y[c * s.pixels + i] += g * power;
        base[i] = factor * g * x[c * s.pixels + i] * power / base[i];
      }
      const size_t low = c > before ? c - before : 0;
      const size_t high = s.channels - 1 - c > after ? c + after : s.channels - 1;
      for (size_t n = low; n <= high; n++) {
        for (size_t i = 0; i < width; i++) y[n * s.pixels + i] += x[n * s.pixels + i] * base[i];
      }
    }
  }
}

void pith_lrn(struct pith_lrn shape, const float *x, float *y) {
  struct response job = {.shape = shape, .x = x, .y = y};
  const size_t blocks = shape.batch * ((shape.pixels + PIXELS - 1) / PIXELS);
  pith_parallel(blocks, 1 + GRAIN / (shape.channels * PIXELS), pith_lrn_blocks, &job);
}

void pith_lrn_gradient(struct pith_lrn shape, const float *upstream, const float *x,
                       float *gradient) {
  struct response job = {.shape = shape, .x = x, .upstream = upstream, .y = gradient};
  const size_t blocks = shape.batch * ((shape.pixels + PIXELS - 1) / PIXELS);
  pith_parallel(blocks, 1 + GRAIN / (shape.channels * PIXELS), pith_lrn_gradient_blocks, &job);
}
