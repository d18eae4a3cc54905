#include "pith_window.h"

#include <math.h>

#include "pith_parallel.h"

struct pooling {
  struct pith_window window;
  float p;
  int column_major;
  const float *x, *upstream, *result;
  float *y;
  int64_t *places;
};

static size_t count(const size_t extents[3]) { return extents[0] * extents[1] * extents[2]; }

/// The elements of a window along one axis that lie inside: kernel places begin..<end.
static void inside(const struct pith_window *w, int axis, size_t output, size_t *begin,
                   size_t *end) {
  const size_t start = output * w->stride[axis], pad = w->begin[axis], step = w->dilation[axis];
  *begin = start >= pad ? 0 : (pad - start + step - 1) / step;
  const size_t limit = w->input[axis] + pad;
  *end = start >= limit ? 0 : (limit - start + step - 1) / step;
  if (*end > w->kernel[axis]) *end = w->kernel[axis];
}

/// Runs BODY for each output `o` of a plane and, within, ELEMENT for each place `i` of its window.
#define FOR_EACH_OUTPUT(W, BEFORE, ELEMENT, AFTER)                                              \
  for (size_t o0 = 0, o = 0; o0 < (W)->output[0]; o0++) {                                       \
    size_t b0, e0;                                                                              \
    inside((W), 0, o0, &b0, &e0);                                                               \
    for (size_t o1 = 0; o1 < (W)->output[1]; o1++) {                                            \
      size_t b1, e1;                                                                            \
      inside((W), 1, o1, &b1, &e1);                                                             \
      for (size_t o2 = 0; o2 < (W)->output[2]; o2++, o++) {                                     \
        size_t b2, e2;                                                                          \
        inside((W), 2, o2, &b2, &e2);                                                           \
        BEFORE;                                                                                 \
        for (size_t k0 = b0; k0 < e0; k0++) {                                                   \
          const size_t i0 = o0 * (W)->stride[0] + k0 * (W)->dilation[0] - (W)->begin[0];        \
          for (size_t k1 = b1; k1 < e1; k1++) {                                                 \
            const size_t i1 = o1 * (W)->stride[1] + k1 * (W)->dilation[1] - (W)->begin[1];      \
            for (size_t k2 = b2; k2 < e2; k2++) {                                               \
              const size_t i2 = o2 * (W)->stride[2] + k2 * (W)->dilation[2] - (W)->begin[2];    \
              const size_t i = (i0 * (W)->input[1] + i1) * (W)->input[2] + i2;                  \
              ELEMENT;                                                                          \
            }                                                                                   \
          }                                                                                     \
        }                                                                                       \
        AFTER;                                                                                  \
      }                                                                                         \
    }                                                                                           \
  }

static double power(double x, double p) { return p == 1 ? x : p == 2 ? x * x : pow(x, p); }

static void lp_planes(void *context, size_t begin, size_t end) {
  const struct pooling *job = context;
  const struct pith_window *w = &job->window;
  const double p = (double)job->p;
  for (size_t plane = begin; plane < end; plane++) {
    const float *x = job->x + plane * count(w->input);
    float *y = job->y + plane * count(w->output);
    FOR_EACH_OUTPUT(w, double sum = 0, sum += power(fabs((double)x[i]), p),
                    y[o] = (float)(p == 2 ? sqrt(sum) : pow(sum, 1 / p)))
  }
}

void pith_lp_pool(struct pith_window window, float p, const float *x, float *y) {
  struct pooling job = {.window = window, .p = p, .x = x, .y = y};
  pith_parallel(window.planes, 2, lp_planes, &job);
}

static void lp_gradient_planes(void *context, size_t begin, size_t end) {
  const struct pooling *job = context;
  const struct pith_window *w = &job->window;
  const double p = (double)job->p;
  for (size_t plane = begin; plane < end; plane++) {
    const float *x = job->x + plane * count(w->input);
    const float *result = job->result + plane * count(w->output);
    const float *upstream = job->upstream + plane * count(w->output);
    float *gradient = job->y + plane * count(w->input);
    for (size_t i = 0; i < count(w->input); i++) gradient[i] = 0;
    FOR_EACH_OUTPUT(
        w,
        const double factor =
            result[o] > 0 ? (double)upstream[o] / power((double)result[o], p - 1) : 0,
        gradient[i] += (float)copysign(factor * power(fabs((double)x[i]), p - 1),
                                       factor * (double)x[i]), )
  }
}

void pith_lp_pool_gradient(struct pith_window window, float p, const float *upstream,
                           const float *x, const float *y, float *gradient) {
  struct pooling job = {
      .window = window, .p = p, .x = x, .upstream = upstream, .result = y, .y = gradient};
  pith_parallel(window.planes, 2, lp_gradient_planes, &job);
}

/// The place of element i of a plane when its first axis is the fastest.
static size_t turned(const struct pith_window *w, size_t i) {
  const size_t i2 = i % w->input[2], rest = i / w->input[2];
  const size_t i1 = rest % w->input[1], i0 = rest / w->input[1];
  return (i2 * w->input[1] + i1) * w->input[0] + i0;
}

static void place_planes(void *context, size_t begin, size_t end) {
  const struct pooling *job = context;
  const struct pith_window *w = &job->window;
  for (size_t plane = begin; plane < end; plane++) {
    const size_t start = plane * count(w->input);
    const float *x = job->x + start;
    float *y = job->y ? job->y + plane * count(w->output) : NULL;
    int64_t *places = job->places + plane * count(w->output);
    FOR_EACH_OUTPUT(
        w, float best = -INFINITY; size_t at = 0; int found = 0,
        if (!found || x[i] > best || x[i] != x[i]) { best = x[i]; at = i; found = 1; },
        if (y) y[o] = best;
        places[o] = (int64_t)(start + (job->column_major ? turned(w, at) : at)))
  }
}

void pith_max_pool_places(struct pith_window window, int column_major, const float *x, float *y,
                          int64_t *places) {
  struct pooling job = {
      .window = window, .column_major = column_major, .x = x, .y = y, .places = places};
  pith_parallel(window.planes, 2, place_planes, &job);
}
