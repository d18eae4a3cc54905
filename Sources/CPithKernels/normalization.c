#include "pith_normalization.h"

#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

enum { COLUMNS = 64, GRAIN = 1 << 13 };

struct normalization {
  struct pith_rows shape;
  const float *x, *scale, *bias, *upstream;
  float *y, *mean, *inverse, *scale_gradient, *bias_gradient;
};

PITH_INLINE void statistics(const float *x, size_t length, float epsilon, float *mean,
                            float *inverse) {
  PITH_REASSOCIATE
  double sum = 0;
  for (size_t i = 0; i < length; i++) sum += (double)x[i];
  const double average = sum / (double)length;
  double squares = 0;
  for (size_t i = 0; i < length; i++) {
    const double difference = (double)x[i] - average;
    squares += difference * difference;
  }
  *mean = (float)average;
  *inverse = (float)(1 / sqrt(squares / (double)length + (double)epsilon));
}

PITH_DISPATCHED(pith_normalize_rows,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct normalization *job = context;
  const struct pith_rows s = job->shape;
  const size_t parameters = s.length / s.inner;
  for (size_t row = begin; row < end; row++) {
    const float *x = job->x + row * s.length;
    float *y = job->y + row * s.length;
    const size_t first = row % s.period * parameters;
    float mean, inverse;
    statistics(x, s.length, s.epsilon, &mean, &inverse);
    if (job->mean) job->mean[row] = mean;
    if (job->inverse) job->inverse[row] = inverse;
    if (s.inner == 1) {
      const float *scale = job->scale + first;
      if (job->bias) {
        const float *bias = job->bias + first;
        for (size_t i = 0; i < s.length; i++) y[i] = (x[i] - mean) * inverse * scale[i] + bias[i];
      } else {
        for (size_t i = 0; i < s.length; i++) y[i] = (x[i] - mean) * inverse * scale[i];
      }
      continue;
    }
    for (size_t p = 0; p < parameters; p++) {
      const float scale = inverse * job->scale[first + p];
      const float bias = job->bias ? job->bias[first + p] : 0;
      for (size_t i = p * s.inner; i < (p + 1) * s.inner; i++) {
        y[i] = (x[i] - mean) * scale + bias;
      }
    }
  }
}

void pith_normalize(struct pith_rows shape, const float *x, const float *scale, const float *bias,
                    float *y, float *mean, float *inverse_deviation) {
  struct normalization job = {.shape = shape,
                              .x = x,
                              .scale = scale,
                              .bias = bias,
                              .y = y,
                              .mean = mean,
                              .inverse = inverse_deviation};
  pith_parallel(shape.rows, 1 + GRAIN / (shape.length + 1), pith_normalize_rows, &job);
}

/// dL/dx of a row: with g = upstream * scale and z the normalised x,
/// (g - mean(g) - z mean(g z)) / deviation. `inner` neighbours share a scale.
PITH_INLINE void row_gradient(const float *x, const float *upstream, const float *scale,
                              size_t length, size_t inner, float mean, float inverse, float *y) {
  PITH_REASSOCIATE
  double sum = 0, product = 0;
  for (size_t p = 0; p < length / inner; p++) {
    double part = 0, part_product = 0;
    for (size_t i = p * inner; i < (p + 1) * inner; i++) {
      part += (double)upstream[i];
      part_product += (double)(upstream[i] * ((x[i] - mean) * inverse));
    }
    sum += part * (double)scale[p];
    product += part_product * (double)scale[p];
  }
  const float average = (float)(sum / (double)length);
  const float slope = (float)(product / (double)length);
  for (size_t p = 0; p < length / inner; p++) {
    for (size_t i = p * inner; i < (p + 1) * inner; i++) {
      y[i] = inverse * (upstream[i] * scale[p] - average - (x[i] - mean) * inverse * slope);
    }
  }
}

/// The same where every element has a scale of its own.
PITH_INLINE void row_gradient_single(const float *x, const float *upstream, const float *scale,
                                     size_t length, float mean, float inverse, float *y) {
  PITH_REASSOCIATE
  double sum = 0, product = 0;
  for (size_t i = 0; i < length; i++) {
    const float g = upstream[i] * scale[i];
    sum += (double)g;
    product += (double)(g * ((x[i] - mean) * inverse));
  }
  const float average = (float)(sum / (double)length);
  const float slope = (float)(product / (double)length);
  for (size_t i = 0; i < length; i++) {
    y[i] = inverse * (upstream[i] * scale[i] - average - (x[i] - mean) * inverse * slope);
  }
}

PITH_DISPATCHED(pith_normalize_gradient_rows,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct normalization *job = context;
  const struct pith_rows s = job->shape;
  for (size_t row = begin; row < end; row++) {
    const float *x = job->x + row * s.length;
    float mean, inverse;
    statistics(x, s.length, s.epsilon, &mean, &inverse);
    job->mean[row] = mean;
    job->inverse[row] = inverse;
    if (!job->y) continue;
    const float *upstream = job->upstream + row * s.length;
    const float *scale = job->scale + row % s.period * (s.length / s.inner);
    float *y = job->y + row * s.length;
    if (s.inner == 1) {
      row_gradient_single(x, upstream, scale, s.length, mean, inverse, y);
    } else {
      row_gradient(x, upstream, scale, s.length, s.inner, mean, inverse, y);
    }
  }
}

/// Parameters begin..<end of a row's, summed over all rows: neighbours together where inner is 1.
PITH_DISPATCHED(pith_normalize_gradient_parameters,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  PITH_REASSOCIATE
  const struct normalization *job = context;
  const struct pith_rows s = job->shape;
  const size_t parameters = s.length / s.inner;
  double scale[COLUMNS], bias[COLUMNS];
  for (size_t position = begin; position < end;) {
    const size_t phase = position / parameters, first = position % parameters;
    size_t width = parameters - first;
    if (width > end - position) width = end - position;
    if (width > COLUMNS) width = COLUMNS;
    for (size_t i = 0; i < width; i++) scale[i] = bias[i] = 0;
    for (size_t row = phase; row < s.rows; row += s.period) {
      const float mean = job->mean[row], inverse = job->inverse[row];
      const float *x = job->x + row * s.length + first * s.inner;
      const float *upstream = job->upstream + row * s.length + first * s.inner;
      if (s.inner == 1) {
        for (size_t i = 0; i < width; i++) {
          scale[i] += (double)(upstream[i] * (x[i] - mean) * inverse);
          bias[i] += (double)upstream[i];
        }
        continue;
      }
      for (size_t p = 0; p < width; p++) {
        double product = 0, sum = 0;
        for (size_t i = p * s.inner; i < (p + 1) * s.inner; i++) {
          product += (double)(upstream[i] * (x[i] - mean) * inverse);
          sum += (double)upstream[i];
        }
        scale[p] += product;
        bias[p] += sum;
      }
    }
    for (size_t i = 0; i < width; i++) {
      if (job->scale_gradient) job->scale_gradient[position + i] = (float)scale[i];
      if (job->bias_gradient) job->bias_gradient[position + i] = (float)bias[i];
    }
    position += width;
  }
}

void pith_normalize_gradient(struct pith_rows shape, const float *upstream, const float *x,
                             const float *scale, float *gradient, float *scale_gradient,
                             float *bias_gradient, float *scratch) {
  struct normalization job = {.shape = shape,
                              .x = x,
                              .scale = scale,
                              .upstream = upstream,
                              .y = gradient,
                              .mean = scratch,
                              .inverse = scratch + shape.rows,
                              .scale_gradient = scale_gradient,
                              .bias_gradient = bias_gradient};
  pith_parallel(shape.rows, 1 + GRAIN / (shape.length + 1), pith_normalize_gradient_rows, &job);
  if (!scale_gradient && !bias_gradient) return;
  const size_t parameters = shape.length / shape.inner * shape.period;
  const size_t work = shape.rows / shape.period * shape.inner;
  pith_parallel(parameters, 1 + GRAIN / (work + 1), pith_normalize_gradient_parameters, &job);
}
