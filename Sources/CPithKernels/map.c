#include "pith_map.h"

#include <math.h>

#include "pith_clones.h"
#include "pith_parallel.h"

struct map {
  enum pith_map function;
  float a, b;
  const float *x;
  float *y;
};

PITH_CLONES void pith_map_part(void *context, size_t begin, size_t end) {
  const struct map *job = context;
  const float *x = job->x;
  float *y = job->y;
  const float a = job->a, b = job->b;
  switch (job->function) {
    case PITH_MAP_CEILING:
      for (size_t i = begin; i < end; i++) y[i] = ceilf(x[i]);
      break;
    case PITH_MAP_ERROR_FUNCTION:
      for (size_t i = begin; i < end; i++) y[i] = erff(x[i]);
      break;
    case PITH_MAP_FLOOR:
      for (size_t i = begin; i < end; i++) y[i] = floorf(x[i]);
      break;
    case PITH_MAP_SCALED_EXPONENTIAL:
      for (size_t i = begin; i < end; i++) y[i] = b * (x[i] > 0 ? x[i] : a * expm1f(x[i]));
      break;
    case PITH_MAP_SIGN:
      for (size_t i = begin; i < end; i++) y[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : x[i];
      break;
  }
}

void pith_map(enum pith_map function, float a, float b, const float *x, float *y, size_t count) {
  struct map job = {function, a, b, x, y};
  pith_parallel(count, 1 << 13, pith_map_part, &job);
}
