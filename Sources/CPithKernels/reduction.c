#include "pith_reduction.h"

#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

enum { COLUMNS = 64, CHUNK = 1 << 15, GRAIN = 1 << 14 };

struct reduction {
  enum pith_reduction function;
  struct pith_reduction_shape shape;
  const float *x;
  const float *upstream;
  const float *result;
  float *y;
  double *scratch;
};

PITH_INLINE double first_value(enum pith_reduction function) {
  switch (function) {
    case PITH_REDUCE_MAXIMUM:
    case PITH_REDUCE_LOG_SUM_EXP: return -INFINITY;
    case PITH_REDUCE_MINIMUM: return INFINITY;
    case PITH_REDUCE_PRODUCT: return 1;
    default: return 0;
  }
}

/// log(e^a + e^b) without overflow.
PITH_INLINE double add_logarithms(double a, double b) {
  if (b == -INFINITY) return a;
  return b > a ? b + log1p(exp(a - b)) : a + log1p(exp(b - a));
}

/// Puts two partial results together.
PITH_INLINE double combine(enum pith_reduction function, double a, double b) {
  switch (function) {
    case PITH_REDUCE_MAXIMUM: return b > a || b != b ? b : a;
    case PITH_REDUCE_MINIMUM: return b < a || b != b ? b : a;
    case PITH_REDUCE_PRODUCT: return a * b;
    case PITH_REDUCE_LOG_SUM_EXP: return add_logarithms(a, b);
    default: return a + b;
  }
}

PITH_INLINE double finish(enum pith_reduction function, double total, double count) {
  switch (function) {
    case PITH_REDUCE_MEAN: return total / count;
    case PITH_REDUCE_EUCLIDEAN: return sqrt(total);
    case PITH_REDUCE_LOG_SUM: return log(total);
    default: return total;
  }
}

/// The partial result of `count` neighbours.
PITH_INLINE double reduce_row(enum pith_reduction function, const float *x, size_t count) {
  PITH_REASSOCIATE
  double total = first_value(function);
  switch (function) {
    case PITH_REDUCE_SUM:
    case PITH_REDUCE_MEAN:
    case PITH_REDUCE_LOG_SUM:
      for (size_t i = 0; i < count; i++) total += (double)x[i];
      break;
    case PITH_REDUCE_ABSOLUTE_SUM:
      for (size_t i = 0; i < count; i++) total += (double)fabsf(x[i]);
      break;
    case PITH_REDUCE_EUCLIDEAN:
    case PITH_REDUCE_SQUARE_SUM:
      for (size_t i = 0; i < count; i++) total += (double)x[i] * (double)x[i];
      break;
    default:
      for (size_t i = 0; i < count; i++) total = combine(function, total, x[i]);
  }
  return total;
}

/// Puts a row of `count` neighbours into as many partial results.
PITH_INLINE void reduce_columns(enum pith_reduction function, const float *x, double *totals,
                                size_t count) {
  switch (function) {
    case PITH_REDUCE_SUM:
    case PITH_REDUCE_MEAN:
    case PITH_REDUCE_LOG_SUM:
      for (size_t i = 0; i < count; i++) totals[i] += (double)x[i];
      break;
    case PITH_REDUCE_ABSOLUTE_SUM:
      for (size_t i = 0; i < count; i++) totals[i] += (double)fabsf(x[i]);
      break;
    case PITH_REDUCE_EUCLIDEAN:
    case PITH_REDUCE_SQUARE_SUM:
      for (size_t i = 0; i < count; i++) totals[i] += (double)x[i] * (double)x[i];
      break;
    default:
      for (size_t i = 0; i < count; i++) totals[i] = combine(function, totals[i], x[i]);
  }
}

/// Outputs begin..<end of the (kept, inner) result.
PITH_DISPATCHED(pith_reduce_outputs,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct reduction *job = context;
  const struct pith_reduction_shape s = job->shape;
  const double count = (double)s.outer * (double)s.reduced;
  if (s.inner == 1) {
    for (size_t k = begin; k < end; k++) {
      double total = first_value(job->function);
      for (size_t o = 0; o < s.outer; o++) {
        total = combine(job->function, total,
                        reduce_row(job->function, job->x + (o * s.kept + k) * s.reduced,
                                   s.reduced));
      }
      job->y[k] = (float)finish(job->function, total, count);
    }
    return;
  }
  double totals[COLUMNS];
  for (size_t position = begin; position < end;) {
    const size_t k = position / s.inner, column = position % s.inner;
    size_t width = s.inner - column;
    if (width > end - position) width = end - position;
    if (width > COLUMNS) width = COLUMNS;
    for (size_t i = 0; i < width; i++) totals[i] = first_value(job->function);
    for (size_t o = 0; o < s.outer; o++) {
      const float *rows = job->x + (o * s.kept + k) * s.reduced * s.inner + column;
      for (size_t r = 0; r < s.reduced; r++) {
        reduce_columns(job->function, rows + r * s.inner, totals, width);
      }
    }
    for (size_t i = 0; i < width; i++) {
      job->y[position + i] = (float)finish(job->function, totals[i], count);
    }
    position += width;
  }
}

/// Chunks begin..<end of a value that is reduced to one number.
PITH_DISPATCHED(pith_reduce_chunks,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct reduction *job = context;
  const size_t count = job->shape.outer * job->shape.reduced;
  for (size_t chunk = begin; chunk < end; chunk++) {
    const size_t start = chunk * CHUNK;
    const size_t length = count - start < CHUNK ? count - start : CHUNK;
    job->scratch[chunk] = reduce_row(job->function, job->x + start, length);
  }
}

size_t pith_reduce_scratch(struct pith_reduction_shape s) {
  return s.kept * s.inner == 1 ? (s.outer * s.reduced + CHUNK - 1) / CHUNK : 0;
}

void pith_reduce(enum pith_reduction function, struct pith_reduction_shape shape, const float *x,
                 float *y, double *scratch) {
  struct reduction job = {.function = function, .shape = shape, .x = x, .y = y, .scratch = scratch};
  const size_t outputs = shape.kept * shape.inner;
  const size_t depth = shape.outer * shape.reduced;
  if (outputs == 1) {
    const size_t chunks = pith_reduce_scratch(shape);
    pith_parallel(chunks, 2, pith_reduce_chunks, &job);
    double total = first_value(function);
    for (size_t i = 0; i < chunks; i++) total = combine(function, total, scratch[i]);
    y[0] = (float)finish(function, total, (double)depth);
    return;
  }
  pith_parallel(outputs, 1 + GRAIN / (depth + 1), pith_reduce_outputs, &job);
}

/// The derivative of one output by one element, times the upstream gradient.
PITH_INLINE float element_gradient(enum pith_reduction function, float upstream, float x, float y) {
  switch (function) {
    case PITH_REDUCE_ABSOLUTE_SUM: return x > 0 ? upstream : x < 0 ? -upstream : 0;
    case PITH_REDUCE_EUCLIDEAN: return y > 0 ? upstream * x / y : 0;
    case PITH_REDUCE_SQUARE_SUM: return 2 * upstream * x;
    case PITH_REDUCE_LOG_SUM: return upstream * expf(-y);
    case PITH_REDUCE_LOG_SUM_EXP: return upstream * expf(x - y);
    default: return upstream;
  }
}

/// Rows begin..<end of the gradient, a row being (reduced) where inner is 1 and (inner) otherwise.
PITH_DISPATCHED(pith_reduce_gradient_rows,
                (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct reduction *job = context;
  const struct pith_reduction_shape s = job->shape;
  const float factor = job->function == PITH_REDUCE_MEAN
                           ? (float)(1.0 / ((double)s.outer * (double)s.reduced))
                           : 1;
  for (size_t row = begin; row < end; row++) {
    if (s.inner == 1) {
      const size_t k = row % s.kept;
      const float *x = job->x + row * s.reduced;
      float *y = job->y + row * s.reduced;
      const float upstream = factor * job->upstream[k], result = job->result[k];
      for (size_t i = 0; i < s.reduced; i++) {
        y[i] = element_gradient(job->function, upstream, x[i], result);
      }
    } else {
      const size_t k = row / s.reduced % s.kept * s.inner;
      const float *x = job->x + row * s.inner;
      float *y = job->y + row * s.inner;
      for (size_t i = 0; i < s.inner; i++) {
        y[i] = element_gradient(job->function, factor * job->upstream[k + i], x[i],
                                job->result[k + i]);
      }
    }
  }
}

/// Outputs begin..<end, for functions whose gradient depends on all elements of an output.
static void gradient_of_outputs(void *context, size_t begin, size_t end) {
  const struct reduction *job = context;
  const struct pith_reduction_shape s = job->shape;
  for (size_t output = begin; output < end; output++) {
    const size_t k = output / s.inner, column = output % s.inner;
    const float result = job->result[output], upstream = job->upstream[output];
    const int product = job->function == PITH_REDUCE_PRODUCT;
    size_t special = 0;
    double others = 1;
    for (int pass = 0; pass < 2; pass++) {
      for (size_t o = 0; o < s.outer; o++) {
        for (size_t r = 0; r < s.reduced; r++) {
          const size_t at = ((o * s.kept + k) * s.reduced + r) * s.inner + column;
          const float x = job->x[at];
          const int is_special = product ? x == 0 : x == result;
          if (pass == 0) {
            special += (size_t)is_special;
            if (product && !is_special) others *= x;
          } else if (!product) {
            job->y[at] = is_special ? upstream / (float)special : 0;
          } else if (special == 0) {
            job->y[at] = (float)(upstream * others / x);
          } else {
            job->y[at] = special == 1 && is_special ? (float)(upstream * others) : 0;
          }
        }
      }
    }
  }
}

void pith_reduce_gradient(enum pith_reduction function, struct pith_reduction_shape shape,
                          const float *upstream, const float *x, const float *y, float *gradient) {
  struct reduction job = {.function = function,
                          .shape = shape,
                          .x = x,
                          .upstream = upstream,
                          .result = y,
                          .y = gradient};
  const size_t depth = shape.outer * shape.reduced;
  switch (function) {
    case PITH_REDUCE_MAXIMUM:
    case PITH_REDUCE_MINIMUM:
    case PITH_REDUCE_PRODUCT:
      pith_parallel(shape.kept * shape.inner, 1 + GRAIN / (depth + 1), gradient_of_outputs, &job);
      break;
    default: {
      const size_t width = shape.inner == 1 ? shape.reduced : shape.inner;
      const size_t rows = shape.outer * shape.kept * (shape.inner == 1 ? 1 : shape.reduced);
      pith_parallel(rows, 1 + GRAIN / (width + 1), pith_reduce_gradient_rows, &job);
    }
  }
}
