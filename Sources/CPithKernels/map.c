#include "pith_map.h"

#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

enum { GRAIN = 1 << 13 };

struct map {
  enum pith_map function;
  float a, b;
  const float *upstream, *x;
  float *y;
};

PITH_INLINE float value(enum pith_map function, float a, float b, float v) {
  switch (function) {
    case PITH_MAP_ARC_COSINE: return acosf(v);
    case PITH_MAP_ARC_SINE: return asinf(v);
    case PITH_MAP_ARC_TANGENT: return atanf(v);
    case PITH_MAP_CEILING: return ceilf(v);
    case PITH_MAP_CELU: return v > 0 ? v : a * expm1f(v / a);
    case PITH_MAP_COSINE: return cosf(v);
    case PITH_MAP_ERROR_FUNCTION: return erff(v);
    case PITH_MAP_FLOOR: return floorf(v);
    case PITH_MAP_HYPERBOLIC_ARC_COSINE: return acoshf(v);
    case PITH_MAP_HYPERBOLIC_ARC_SINE: return asinhf(v);
    case PITH_MAP_HYPERBOLIC_ARC_TANGENT: return atanhf(v);
    case PITH_MAP_HYPERBOLIC_COSINE: return coshf(v);
    case PITH_MAP_HYPERBOLIC_SINE: return sinhf(v);
    case PITH_MAP_SCALED_EXPONENTIAL: return b * (v > 0 ? v : a * expm1f(v));
    case PITH_MAP_SHRINK: return v > a ? v - b : v < -a ? v + b : 0;
    case PITH_MAP_SIGN: return v > 0 ? 1 : v < 0 ? -1 : v;
    case PITH_MAP_SINE: return sinf(v);
    case PITH_MAP_SOFT_SIGN: return v / (1 + fabsf(v));
    case PITH_MAP_TANGENT: return tanf(v);
    case PITH_MAP_THRESHOLD: return v > a ? v : 0;
  }
  return 0;
}

PITH_INLINE float derivative(enum pith_map function, float a, float b, float v) {
  switch (function) {
    case PITH_MAP_ARC_COSINE: return -1 / sqrtf((1 - v) * (1 + v));
    case PITH_MAP_ARC_SINE: return 1 / sqrtf((1 - v) * (1 + v));
    case PITH_MAP_ARC_TANGENT: return 1 / (1 + v * v);
    case PITH_MAP_CEILING: return 0;
    case PITH_MAP_CELU: return v > 0 ? 1 : expf(v / a);
    case PITH_MAP_COSINE: return -sinf(v);
    case PITH_MAP_ERROR_FUNCTION: return 1.1283791671f * expf(-v * v);
    case PITH_MAP_FLOOR: return 0;
    case PITH_MAP_HYPERBOLIC_ARC_COSINE: return 1 / sqrtf((v - 1) * (v + 1));
    case PITH_MAP_HYPERBOLIC_ARC_SINE: return 1 / sqrtf(v * v + 1);
    case PITH_MAP_HYPERBOLIC_ARC_TANGENT: return 1 / ((1 - v) * (1 + v));
    case PITH_MAP_HYPERBOLIC_COSINE: return sinhf(v);
    case PITH_MAP_HYPERBOLIC_SINE: return coshf(v);
    case PITH_MAP_SCALED_EXPONENTIAL: return b * (v > 0 ? 1 : a * expf(v));
    case PITH_MAP_SHRINK: return v > a || v < -a ? 1 : 0;
    case PITH_MAP_SIGN: return 0;
    case PITH_MAP_SINE: return cosf(v);
    case PITH_MAP_SOFT_SIGN: return 1 / ((1 + fabsf(v)) * (1 + fabsf(v)));
    case PITH_MAP_TANGENT: return 1 + tanf(v) * tanf(v);
    case PITH_MAP_THRESHOLD: return v > a ? 1 : 0;
  }
  return 0;
}

/// Loops over one function each, so that the compiler can vectorise those that it can.
#define EACH_FUNCTION(EACH) \
  EACH(PITH_MAP_ARC_COSINE) \
  EACH(PITH_MAP_ARC_SINE) \
  EACH(PITH_MAP_ARC_TANGENT) \
  EACH(PITH_MAP_CEILING) \
  EACH(PITH_MAP_CELU) \
  EACH(PITH_MAP_COSINE) \
  EACH(PITH_MAP_ERROR_FUNCTION) \
  EACH(PITH_MAP_FLOOR) \
  EACH(PITH_MAP_HYPERBOLIC_ARC_COSINE) \
  EACH(PITH_MAP_HYPERBOLIC_ARC_SINE) \
  EACH(PITH_MAP_HYPERBOLIC_ARC_TANGENT) \
  EACH(PITH_MAP_HYPERBOLIC_COSINE) \
  EACH(PITH_MAP_HYPERBOLIC_SINE) \
  EACH(PITH_MAP_SCALED_EXPONENTIAL) \
  EACH(PITH_MAP_SHRINK) \
  EACH(PITH_MAP_SIGN) \
  EACH(PITH_MAP_SINE) \
  EACH(PITH_MAP_SOFT_SIGN) \
  EACH(PITH_MAP_TANGENT) \
  EACH(PITH_MAP_THRESHOLD)

#define MAP(FUNCTION)                                                                      \
  case FUNCTION:                                                                           \
    for (size_t i = begin; i < end; i++) job->y[i] = value(FUNCTION, a, b, job->x[i]); \
    break;

#define MAP_GRADIENT(FUNCTION)                                                 \
  case FUNCTION:                                                               \
    for (size_t i = begin; i < end; i++) {                                     \
      job->y[i] = job->upstream[i] * derivative(FUNCTION, a, b, job->x[i]); \
    }                                                                          \
    break;

PITH_DISPATCHED(pith_map_part, (void *context, size_t begin, size_t end), (context, begin, end)) {
  const struct map *job = context;
  const float a = job->a, b = job->b;
  switch (job->function) { EACH_FUNCTION(MAP) }
}

PITH_DISPATCHED(pith_map_gradient_part,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct map *job = context;
  const float a = job->a, b = job->b;
  switch (job->function) { EACH_FUNCTION(MAP_GRADIENT) }
}

void pith_map(enum pith_map function, float a, float b, const float *x, float *y, size_t count) {
  struct map job = {function, a, b, NULL, x, y};
  pith_parallel(count, GRAIN, pith_map_part, &job);
}

void pith_map_gradient(enum pith_map function, float a, float b, const float *upstream,
                       const float *x, float *gradient, size_t count) {
  struct map job = {function, a, b, upstream, x, gradient};
  pith_parallel(count, GRAIN, pith_map_gradient_part, &job);
}
