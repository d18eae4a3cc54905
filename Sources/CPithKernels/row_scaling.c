#include "pith_row_scaling.h"

#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

enum { COLUMNS = 64, GRAIN = 1 << 13 };

struct root_mean_square {
  size_t rows, length;
  float epsilon;
  const float *upstream, *x, *scale;
  float *y, *scale_gradient, *inverse;
};

PITH_INLINE float inverse_root(const float *x, size_t length, float epsilon) {
  PITH_REASSOCIATE
  double sum = 0;
  for (size_t i = 0; i < length; i++) sum += (double)x[i] * (double)x[i];
  return (float)(1 / sqrt(sum / (double)length + (double)epsilon));
}

PITH_DISPATCHED(pith_rms_rows, (void *context, size_t begin, size_t end), (context, begin, end)) {
  const struct root_mean_square *job = context;
  for (size_t row = begin; row < end; row++) {
    const float *x = job->x + row * job->length;
    float *y = job->y + row * job->length;
    const float inverse = inverse_root(x, job->length, job->epsilon);
    for (size_t i = 0; i < job->length; i++) y[i] = x[i] * inverse * job->scale[i];
  }
}

void pith_rms_normalize(size_t rows, size_t length, float epsilon, const float *x,
                        const float *scale, float *y) {
  struct root_mean_square job = {
      .rows = rows, .length = length, .epsilon = epsilon, .x = x, .scale = scale, .y = y};
  pith_parallel(rows, 1 + GRAIN / (length + 1), pith_rms_rows, &job);
}

/// With g = upstream * scale: dL/dx = (g - x mean(g x) / r^2) / r, r being the root mean square.
PITH_DISPATCHED(pith_rms_gradient_rows,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  PITH_REASSOCIATE
  const struct root_mean_square *job = context;
  for (size_t row = begin; row < end; row++) {
    const float *x = job->x + row * job->length;
    const float *upstream = job->upstream + row * job->length;
    const float inverse = inverse_root(x, job->length, job->epsilon);
    job->inverse[row] = inverse;
    if (!job->y) continue;
    double product = 0;
    for (size_t i = 0; i < job->length; i++) {
      product += (double)(upstream[i] * job->scale[i]) * (double)x[i];
    }
    const float slope =
        (float)(product / (double)job->length * (double)inverse * (double)inverse);
    float *y = job->y + row * job->length;
    for (size_t i = 0; i < job->length; i++) {
      y[i] = inverse * (upstream[i] * job->scale[i] - x[i] * slope);
    }
  }
}

/// Scales begin..<end, summed over all rows.
PITH_DISPATCHED(pith_rms_gradient_scales,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct root_mean_square *job = context;
  double totals[COLUMNS];
  for (size_t first = begin; first < end; first += COLUMNS) {
    const size_t width = end - first < COLUMNS ? end - first : COLUMNS;
    for (size_t i = 0; i < width; i++) totals[i] = 0;
    for (size_t row = 0; row < job->rows; row++) {
      const float *x = job->x + row * job->length + first;
      const float *upstream = job->upstream + row * job->length + first;
      const float inverse = job->inverse[row];
      for (size_t i = 0; i < width; i++) totals[i] += (double)(upstream[i] * x[i] * inverse);
    }
    for (size_t i = 0; i < width; i++) job->scale_gradient[first + i] = (float)totals[i];
  }
}

void pith_rms_normalize_gradient(size_t rows, size_t length, float epsilon, const float *upstream,
                                 const float *x, const float *scale, float *gradient,
                                 float *scale_gradient, float *scratch) {
  struct root_mean_square job = {.rows = rows,
                                 .length = length,
                                 .epsilon = epsilon,
                                 .upstream = upstream,
                                 .x = x,
                                 .scale = scale,
                                 .y = gradient,
                                 .scale_gradient = scale_gradient,
                                 .inverse = scratch};
  pith_parallel(rows, 1 + GRAIN / (length + 1), pith_rms_gradient_rows, &job);
  if (!scale_gradient) return;
  pith_parallel(length, 1 + GRAIN / (rows + 1), pith_rms_gradient_scales, &job);
}

struct lp {
  int p;
  size_t extent, inner;
  const float *upstream, *x;
  float *y;
};

PITH_INLINE double norm(const struct lp *job, const float *x) {
  double sum = 0;
  for (size_t i = 0; i < job->extent; i++) {
    const double v = (double)x[i * job->inner];
    sum += job->p == 1 ? fabs(v) : v * v;
  }
  return job->p == 1 ? sum : sqrt(sum);
}

static void lp_columns(void *context, size_t begin, size_t end) {
  const struct lp *job = context;
  for (size_t column = begin; column < end; column++) {
    const size_t start = column / job->inner * job->extent * job->inner + column % job->inner;
    const double length = norm(job, job->x + start);
    const double inverse = length > 0 ? 1 / length : 0;
    for (size_t i = 0; i < job->extent; i++) {
      const size_t at = start + i * job->inner;
      job->y[at] = (float)((double)job->x[at] * inverse);
    }
  }
}

void pith_lp_normalize(int p, size_t outer, size_t extent, size_t inner, const float *x, float *y) {
  struct lp job = {.p = p, .extent = extent, .inner = inner, .x = x, .y = y};
  pith_parallel(outer * inner, 1 + GRAIN / (extent + 1), lp_columns, &job);
}

static void lp_gradient_columns(void *context, size_t begin, size_t end) {
  const struct lp *job = context;
  for (size_t column = begin; column < end; column++) {
    const size_t start = column / job->inner * job->extent * job->inner + column % job->inner;
    const double length = norm(job, job->x + start);
    const double inverse = length > 0 ? 1 / length : 0;
    double product = 0;
    for (size_t i = 0; i < job->extent; i++) {
      const size_t at = start + i * job->inner;
      product += (double)job->upstream[at] * (double)job->x[at] * inverse;
    }
    for (size_t i = 0; i < job->extent; i++) {
      const size_t at = start + i * job->inner;
      const double v = (double)job->x[at];
      const double slope = job->p == 1 ? (v > 0 ? 1 : v < 0 ? -1 : 0) : v * inverse;
      job->y[at] = (float)(inverse * ((double)job->upstream[at] - slope * product));
    }
  }
}

void pith_lp_normalize_gradient(int p, size_t outer, size_t extent, size_t inner,
                                const float *upstream, const float *x, float *gradient) {
  struct lp job = {
      .p = p, .extent = extent, .inner = inner, .upstream = upstream, .x = x, .y = gradient};
  pith_parallel(outer * inner, 1 + GRAIN / (extent + 1), lp_gradient_columns, &job);
}
