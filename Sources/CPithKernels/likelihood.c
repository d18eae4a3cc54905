#include "pith_likelihood.h"

#include <math.h>

#include "pith_parallel.h"

enum { GRAIN = 1 << 12 };

/// The class at a place; -1 where the label counts nothing.
static int64_t class_at(const struct pith_likelihood *job, size_t place) {
  const int64_t label = job->wide ? ((const int64_t *)job->labels)[place]
                                  : (int64_t)((const int32_t *)job->labels)[place];
  if (label == job->ignored || label < 0 || (uint64_t)label >= job->classes) return -1;
  return label;
}

static float weight_of(const struct pith_likelihood *job, int64_t label) {
  if (label < 0) return 0;
  return job->weights ? job->weights[label] : 1;
}

static size_t element(const struct pith_likelihood *job, size_t place, size_t label) {
  return (place / job->inner * job->classes + label) * job->inner + place % job->inner;
}

static double total_weight(const struct pith_likelihood *job) {
  double total = 0;
  for (size_t place = 0; place < job->rows * job->inner; place++) {
    total += (double)weight_of(job, class_at(job, place));
  }
  return total;
}

void pith_negative_log_likelihood(const struct pith_likelihood *job, const float *log_probability,
                                  float *loss) {
  double total = 0;
  for (size_t place = 0; place < job->rows * job->inner; place++) {
    const int64_t label = class_at(job, place);
    float value = 0;
    if (label >= 0) {
      value = -log_probability[element(job, place, (size_t)label)] * weight_of(job, label);
    }
    if (job->reduction == PITH_LOSS_EACH) loss[place] = value;
    total += (double)value;
  }
  if (job->reduction == PITH_LOSS_SUM) loss[0] = (float)total;
  if (job->reduction == PITH_LOSS_MEAN) loss[0] = (float)(total / total_weight(job));
}

struct gradient {
  const struct pith_likelihood *loss;
  const float *upstream, *log_probability;
  float *y;
  /// By what a mean was divided.
  float divisor;
};

/// Places begin..<end: with softmax behind, k (p - one-hot), else -k at the label alone.
static void gradient_places(void *context, size_t begin, size_t end) {
  const struct gradient *job = context;
  const struct pith_likelihood *loss = job->loss;
  for (size_t place = begin; place < end; place++) {
    const int64_t label = class_at(loss, place);
    const float upstream = job->upstream[loss->reduction == PITH_LOSS_EACH ? place : 0];
    const float factor = label < 0 ? 0 : upstream * weight_of(loss, label) / job->divisor;
    for (size_t c = 0; c < loss->classes; c++) {
      const size_t at = element(loss, place, c);
      const float share = job->log_probability ? expf(job->log_probability[at]) : 0;
      job->y[at] = factor == 0 ? 0 : factor * (share - (label == (int64_t)c ? 1 : 0));
    }
  }
}

static void gradient(const struct pith_likelihood *loss, const float *upstream,
                     const float *log_probability, float *y) {
  struct gradient job = {
      .loss = loss, .upstream = upstream, .log_probability = log_probability, .y = y, .divisor = 1};
  if (loss->reduction == PITH_LOSS_MEAN) job.divisor = (float)total_weight(loss);
  pith_parallel(loss->rows * loss->inner, 1 + GRAIN / (loss->classes + 1), gradient_places, &job);
}

void pith_negative_log_likelihood_gradient(const struct pith_likelihood *job,
                                           const float *upstream, float *y) {
  gradient(job, upstream, NULL, y);
}

void pith_softmax_likelihood_gradient(const struct pith_likelihood *job, const float *upstream,
                                      const float *log_probability, float *y) {
  gradient(job, upstream, log_probability, y);
}

struct log_softmax {
  size_t classes, inner;
  const float *x;
  float *y;
};

static void log_softmax_places(void *context, size_t begin, size_t end) {
  const struct log_softmax *job = context;
  for (size_t place = begin; place < end; place++) {
    const size_t start = place / job->inner * job->classes * job->inner + place % job->inner;
    const float *x = job->x + start;
    float largest = -INFINITY;
    for (size_t c = 0; c < job->classes; c++) largest = fmaxf(largest, x[c * job->inner]);
    double sum = 0;
    for (size_t c = 0; c < job->classes; c++) sum += (double)expf(x[c * job->inner] - largest);
    const float shift = largest + (float)log(sum);
    for (size_t c = 0; c < job->classes; c++) {
      job->y[start + c * job->inner] = x[c * job->inner] - shift;
    }
  }
}

void pith_log_softmax(size_t rows, size_t classes, size_t inner, const float *scores,
                      float *log_probability) {
  struct log_softmax job = {.classes = classes, .inner = inner, .x = scores, .y = log_probability};
  pith_parallel(rows * inner, 1 + GRAIN / (classes + 1), log_softmax_places, &job);
}
