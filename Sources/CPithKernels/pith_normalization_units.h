#ifndef PITH_NORMALIZATION_UNITS_H
#define PITH_NORMALIZATION_UNITS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "pith_batch_normalization.h"
#include "pith_clones.h"
#include "pith_parallel.h"

// A unit of work is the channels of one vector: 16 of those that lie side by side, or the few of a
// small group (one, where data are row-major), whose pixels then fill the vector. Where there are
// few units, the rows of each are divided among threads, which meet after the sums.

typedef float lanes __attribute__((vector_size(64), aligned(4)));
typedef double wide __attribute__((vector_size(128)));
typedef int mask __attribute__((vector_size(64)));

enum {
  LANES = 16,
  /// Vectors that are summed in single precision before the sum is added to one in double.
  RUN = 128,
  /// Vectors that tell where the mean lies.
  SAMPLE = 8,
  /// Elements from which on threads are worth their start.
  GRAIN = 1 << 14,
};

/// The vectors of a unit: in each row `count` full ones and then `rests` of which only the first
/// `rest` elements are there, `step` elements apart. The first `period` lanes are `channel` and
/// those after it; then they begin again.
struct unit {
  size_t base, row, count, rests, rest, step, channel, period;
};

/// What is known of each lane.
struct coefficients {
  float center[LANES], a[LANES], b[LANES];
};

struct sums {
  double first[LANES], second[LANES];
  float center[LANES];
};

struct job {
  const struct pith_batch_norm *norm;
  const struct pith_batch_norm_gradient *gradient;
  const float *x, *scale, *shift, *addend;
  float *y, *mean, *variance;
  struct sums *partial;
  size_t parts;
};

static inline size_t groups_of(const struct pith_batch_norm *n) {
  return (n->channels + n->lanes - 1) / n->lanes;
}

static inline size_t units_of(const struct pith_batch_norm *n) {
  return groups_of(n) * ((n->lanes + LANES - 1) / LANES);
}

static inline size_t parts_of(const struct pith_batch_norm *n) {
  size_t threads = (size_t)pith_threads(), units = units_of(n);
  if (units >= 4 * threads || units % threads == 0 || n->rows < threads) return 1;
  return threads;
}

static inline struct unit unit_at(const struct pith_batch_norm *n, size_t index) {
  size_t run = n->pixels * n->lanes;
  struct unit u = {.row = groups_of(n) * run};
  if (LANES % n->lanes == 0) {
    u.base = index * run;
    u.count = run / LANES;
    u.rest = run % LANES;
    u.rests = u.rest > 0;
    u.step = LANES;
    u.channel = index * n->lanes;
    u.period = n->lanes;
    return u;
  }
  size_t vectors = (n->lanes + LANES - 1) / LANES;
  size_t group = index / vectors, lane = index % vectors * LANES;
  u.base = group * run + lane;
  u.step = n->lanes;
  u.channel = group * n->lanes + lane;
  u.period = LANES;
  if (n->lanes - lane >= LANES) {
    u.count = n->pixels;
  } else {
    u.rests = n->pixels;
    u.rest = n->lanes - lane;
  }
  return u;
}

/// Parameters of the unit's lanes; `missing` where the group is filled up.
static inline void spread(const struct pith_batch_norm *n, const struct unit *u,
                          const float *parameter, float missing, float *values) {
  size_t known = n->channels - u->channel < u->period ? n->channels - u->channel : u->period;
  for (size_t first = 0; first < LANES; first += u->period)
    for (size_t lane = 0; lane < u->period; lane++)
      values[first + lane] = lane < known ? parameter[u->channel + lane] : missing;
}

/// Adds up the lanes of one channel, and gives each the sum.
static inline void fold(const struct unit *u, double *values) {
  for (size_t first = 0; first < u->period; first++) {
    double sum = 0;
    for (size_t lane = first; lane < LANES; lane += u->period) sum += values[lane];
    for (size_t lane = first; lane < LANES; lane += u->period) values[lane] = sum;
  }
}

/// Writes the values of the unit's channels.
static inline void gather(const struct pith_batch_norm *n, const struct unit *u,
                          const float *values, float *parameter) {
  for (size_t lane = 0; lane < u->period && u->channel + lane < n->channels; lane++)
    parameter[u->channel + lane] = values[lane];
}

PITH_INLINE void flush(lanes *values, double *sums) {
  wide sum;
  memcpy(&sum, sums, sizeof sum);
  sum += __builtin_convertvector(*values, wide);
  memcpy(sums, &sum, sizeof sum);
  *values = (lanes){0};
}

/// Adds single-precision sums to those in double precision, and starts them again.
PITH_INLINE void flush_sums(lanes *first, lanes *second, size_t count, struct sums *sums) {
  for (size_t k = 0; k < count; k++) {
    flush(&first[k], sums->first);
    flush(&second[k], sums->second);
  }
}

/// The vector at an address, of which only some elements may be read; the others are zero.
#define LOAD(p, count) ((count) == LANES ? *(const lanes *)(p) : some(p, count))
#define STORE(p, count, value)               \
  do {                                       \
    if ((count) == LANES)                    \
      *(lanes *)(p) = (value);               \
    else                                     \
      memcpy(p, &(value), (count) * sizeof(float)); \
  } while (0)
#define some(p, count) (*load_some(p, count, &(lanes){0}))

PITH_INLINE const lanes *load_some(const float *p, size_t count, lanes *part) {
  if (count == LANES / 2)
    memcpy(part, p, LANES / 2 * sizeof(float));
  else
    memcpy(part, p, count * sizeof(float));
  return part;
}

#define VECTOR(values) (*(const lanes *)(values))
#define EVERY(value) ((lanes){0} + (value))
#define CHOOSE(condition, a, b) ((lanes)(((mask)(a) & (condition)) | ((mask)(b) & ~(condition))))

static inline int has_bounds(const struct pith_batch_norm *n) {
  return n->low > -INFINITY || n->high < INFINITY;
}

/// The sums of all parts, in order.
static inline struct sums total(const struct job *job, const struct unit *u, size_t index) {
  struct sums all = {{0}, {0}, {0}};
  memcpy(all.center, job->partial[index * job->parts].center, sizeof all.center);
  for (size_t part = 0; part < job->parts; part++) {
    const struct sums *some = &job->partial[index * job->parts + part];
    for (size_t lane = 0; lane < LANES; lane++) {
      all.first[lane] += some->first[lane];
      all.second[lane] += some->second[lane];
    }
  }
  fold(u, all.first);
  fold(u, all.second);
  return all;
}

typedef void part_function(void *context, size_t begin, size_t end);

static inline void run(struct job *job, float *scratch, part_function *whole, part_function *first,
                part_function *second) {
  const struct pith_batch_norm *n = job->norm;
  size_t units = units_of(n);
  job->parts = parts_of(n);
  job->partial = (struct sums *)(((size_t)scratch + 63) / 64 * 64);
  size_t grain = n->rows * n->channels * n->pixels < GRAIN ? SIZE_MAX : 1;
  if (job->parts == 1) {
    pith_parallel(units, grain, whole, job);
  } else {
    pith_parallel(units * job->parts, grain, first, job);
    pith_parallel(units * job->parts, grain, second, job);
  }
}

#endif
