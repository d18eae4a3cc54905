#include "pith_batch_normalization.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

// A unit of work is the channels of one vector: 16 of those that lie side by side, or the few of a
// small group (one, where data are row-major), whose pixels then fill the vector. Where there are few
// units, the rows of each are divided among threads, which meet after the sums.

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

/// The vectors of a unit: in each row `count` full ones and then `rests` of which only the first `rest`
/// elements are there, `step` elements apart. The first `period` lanes are `channel` and those after it;
/// then they begin again.
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

static size_t groups_of(const struct pith_batch_norm *n) {
  return (n->channels + n->lanes - 1) / n->lanes;
}

static size_t units_of(const struct pith_batch_norm *n) {
  return groups_of(n) * ((n->lanes + LANES - 1) / LANES);
}

static size_t parts_of(const struct pith_batch_norm *n) {
  size_t threads = (size_t)pith_threads(), units = units_of(n);
  if (units >= 4 * threads || units % threads == 0 || n->rows < threads) return 1;
  return threads;
}

size_t pith_batch_norm_scratch(const struct pith_batch_norm *n) {
  return units_of(n) * parts_of(n) * sizeof(struct sums) / sizeof(float) + LANES;
}

static struct unit unit_at(const struct pith_batch_norm *n, size_t index) {
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
static void spread(const struct pith_batch_norm *n, const struct unit *u, const float *parameter,
                   float missing, float *values) {
  size_t known = n->channels - u->channel < u->period ? n->channels - u->channel : u->period;
  for (size_t first = 0; first < LANES; first += u->period)
    for (size_t lane = 0; lane < u->period; lane++)
      values[first + lane] = lane < known ? parameter[u->channel + lane] : missing;
}

/// Adds up the lanes of one channel, and gives each the sum.
static void fold(const struct unit *u, double *values) {
  for (size_t first = 0; first < u->period; first++) {
    double sum = 0;
    for (size_t lane = first; lane < LANES; lane += u->period) sum += values[lane];
    for (size_t lane = first; lane < LANES; lane += u->period) values[lane] = sum;
  }
}

/// Writes the values of the unit's channels.
static void gather(const struct pith_batch_norm *n, const struct unit *u, const float *values,
                   float *parameter) {
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

/// A number near the mean of each lane: the mean of the first vectors.
static void find_center(const struct unit *u, const float *x, float *center) {
  double sum[LANES] = {0};
  size_t count = u->count < SAMPLE ? u->count : SAMPLE;
  for (size_t i = 0; i < count; i++)
    for (size_t lane = 0; lane < LANES; lane++) sum[lane] += (double)x[u->base + i * u->step + lane];
  for (size_t lane = 0; count == 0 && lane < LANES; lane++)
    sum[lane] = lane < u->period && lane < u->rest ? (double)x[u->base + lane] : 0;
  fold(u, sum);
  double vectors = count == 0 ? 1 : (double)(count * (LANES / u->period));
  for (size_t lane = 0; lane < LANES; lane++) center[lane] = (float)(sum[lane] / vectors);
}

/// Sums of x - center and its square over some rows.
PITH_INLINE void add_moments(const struct unit *u, const float *x, size_t begin, size_t end,
                             struct sums *sums) {
  PITH_REASSOCIATE
  lanes c = VECTOR(sums->center);
  lanes first[4] = {{0}}, second[4] = {{0}};
  size_t run = 0;
  for (size_t row = begin; row < end; row++) {
    const float *p = x + u->base + row * u->row;
    size_t i = 0;
    for (; i + 4 <= u->count; i += 4) {
      for (size_t k = 0; k < 4; k++) {
        lanes d = VECTOR(p + (i + k) * u->step) - c;
        first[k] += d;
        second[k] += d * d;
      }
      if ((run += 4) >= RUN) {
        flush_sums(first, second, 4, sums);
        run = 0;
      }
    }
    for (; i < u->count; i++, run++) {
      lanes d = VECTOR(p + i * u->step) - c;
      first[0] += d;
      second[0] += d * d;
    }
    for (i = 0; i < u->rests; i++, run++) {
      lanes d = c;
      memcpy(&d, p + (u->count + i) * u->step, u->rest * sizeof(float));
      d -= c;
      first[0] += d;
      second[0] += d * d;
    }
    if (run >= RUN) {
      flush_sums(first, second, 4, sums);
      run = 0;
    }
  }
  flush_sums(first, second, 4, sums);
}

PITH_INLINE void hold(lanes *value, float low, float high) {
  lanes l = EVERY(low), h = EVERY(high);
  // Comparisons are false for what is no number, which therefore stays.
  *value = CHOOSE(*value < l, l, *value);
  *value = CHOOSE(*value > h, h, *value);
}

PITH_INLINE void normalize_vector(const struct job *job, const struct coefficients *c, int adds,
                                  int bounds, size_t place, size_t count) {
  PITH_REASSOCIATE
  lanes value = LOAD(job->x + place, count) * VECTOR(c->a) + VECTOR(c->b);
  if (adds) value += LOAD(job->addend + place, count);
  if (bounds) hold(&value, job->norm->low, job->norm->high);
  STORE(job->y + place, count, value);
}

PITH_INLINE void normalize_rows(const struct job *job, const struct unit *u,
                                const struct coefficients *c, int adds, int bounds, size_t begin,
                                size_t end) {
  for (size_t row = begin; row < end; row++) {
    size_t start = u->base + row * u->row;
    for (size_t i = 0; i < u->count; i++)
      normalize_vector(job, c, adds, bounds, start + i * u->step, LANES);
    for (size_t i = 0; i < u->rests; i++)
      normalize_vector(job, c, adds, bounds, start + (u->count + i) * u->step, u->rest);
  }
}

static int has_bounds(const struct pith_batch_norm *n) {
  return n->low > -INFINITY || n->high < INFINITY;
}

/// The sums of all parts, in order.
static struct sums total(const struct job *job, const struct unit *u, size_t index) {
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

/// What x is multiplied by and moved by, from the sums; the statistics are written down.
static void find_coefficients(const struct job *job, const struct unit *u, size_t index, int writes,
                              struct coefficients *c) {
  const struct pith_batch_norm *n = job->norm;
  struct sums sums = total(job, u, index);
  float scale[LANES], shift[LANES], mean[LANES], variance[LANES];
  spread(n, u, job->scale, 0, scale);
  spread(n, u, job->shift, 0, shift);
  double count = (double)(n->rows * n->pixels);
  for (size_t lane = 0; lane < LANES; lane++) {
    double off = sums.first[lane] / count;
    double spread = sums.second[lane] / count - off * off;
    mean[lane] = (float)((double)sums.center[lane] + off);
    variance[lane] = spread < 0 ? 0 : (float)spread;
    // Lanes that are filled up have neither scale nor variance.
    c->a[lane] = scale[lane] == 0 ? 0 : scale[lane] / sqrtf(variance[lane] + n->epsilon);
    c->b[lane] = shift[lane] - mean[lane] * c->a[lane];
  }
  if (!writes) return;
  gather(n, u, mean, job->mean);
  gather(n, u, variance, job->variance);
}

PITH_DISPATCHED(pith_batch_norm_measure, (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct job *job = context;
  for (size_t i = begin; i < end; i++) {
    struct unit u = unit_at(job->norm, i / job->parts);
    size_t rows = job->norm->rows, part = i % job->parts;
    struct sums *sums = &job->partial[i];
    *sums = (struct sums){{0}, {0}, {0}};
    find_center(&u, job->x, sums->center);
    add_moments(&u, job->x, rows * part / job->parts, rows * (part + 1) / job->parts, sums);
  }
}

PITH_DISPATCHED(pith_batch_norm_normalize, (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct job *job = context;
  int adds = job->addend != NULL, bounds = has_bounds(job->norm);
  for (size_t i = begin; i < end; i++) {
    struct unit u = unit_at(job->norm, i / job->parts);
    size_t rows = job->norm->rows, part = i % job->parts;
    size_t first = rows * part / job->parts, last = rows * (part + 1) / job->parts;
    struct coefficients c;
    find_coefficients(job, &u, i / job->parts, part == 0, &c);
    if (adds && bounds) normalize_rows(job, &u, &c, 1, 1, first, last);
    if (adds && !bounds) normalize_rows(job, &u, &c, 1, 0, first, last);
    if (!adds && bounds) normalize_rows(job, &u, &c, 0, 1, first, last);
    if (!adds && !bounds) normalize_rows(job, &u, &c, 0, 0, first, last);
  }
}

typedef void part_function(void *context, size_t begin, size_t end);

/// Both passes over a unit before the next, which finds the second one's data in the caches.
static void normalize_units(void *context, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    pith_batch_norm_measure(context, i, i + 1);
    pith_batch_norm_normalize(context, i, i + 1);
  }
}

static void run(struct job *job, float *scratch, part_function *whole, part_function *first,
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

void pith_batch_norm_forward(const struct pith_batch_norm *norm, const float *x, const float *scale,
                             const float *shift, const float *addend, float *y, float *mean,
                             float *variance, float *scratch) {
  struct job job = {.norm = norm,
                    .x = x,
                    .scale = scale,
                    .shift = shift,
                    .addend = addend,
                    .y = y,
                    .mean = mean,
                    .variance = variance};
  run(&job, scratch, normalize_units, pith_batch_norm_measure, pith_batch_norm_normalize);
}

/// How the gradient before the bounds is found.
enum passage {
  /// It is the upstream one.
  OPEN,
  /// Where the value was between the bounds, which x tells.
  BY_X,
  /// Where it was, which y tells; it is written to where the addend's gradient goes.
  BY_Y,
};

/// The gradient before the bounds of `count` elements.
PITH_INLINE void pass(const struct job *job, const struct coefficients *c, enum passage passage,
                      int two, size_t place, size_t count, lanes *g) {
  PITH_REASSOCIATE
  const struct pith_batch_norm_gradient *d = job->gradient;
  *g = LOAD(d->upstream + place, count);
  if (two) *g += LOAD(d->second + place, count);
  if (passage == OPEN) return;
  lanes value = passage == BY_Y ? LOAD(d->y + place, count)
                                : LOAD(d->x + place, count) * VECTOR(c->a) + VECTOR(c->b);
  mask held = (value <= EVERY(job->norm->low)) | (value >= EVERY(job->norm->high));
  *g = CHOOSE(held, EVERY(0), *g);
  if (passage == BY_Y) STORE(d->addend_gradient + place, count, *g);
}

/// Sums of the gradient, and of it times x - mean, over some rows.
PITH_INLINE void add_products(const struct job *job, const struct unit *u,
                              const struct coefficients *c, enum passage passage, int two,
                              size_t begin, size_t end, struct sums *sums) {
  PITH_REASSOCIATE
  const float *x = job->gradient->x;
  lanes mean = VECTOR(c->center);
  lanes first[2] = {{0}}, second[2] = {{0}};
  size_t run = 0;
  for (size_t row = begin; row < end; row++) {
    size_t start = u->base + row * u->row, i = 0;
    for (; i + 2 <= u->count; i += 2) {
      for (size_t k = 0; k < 2; k++) {
        size_t place = start + (i + k) * u->step;
        lanes g;
        pass(job, c, passage, two, place, LANES, &g);
        first[k] += g;
        second[k] += g * (VECTOR(x + place) - mean);
      }
      if ((run += 2) >= RUN) {
        flush_sums(first, second, 2, sums);
        run = 0;
      }
    }
    for (; i < u->count; i++, run++) {
      size_t place = start + i * u->step;
      lanes g;
      pass(job, c, passage, two, place, LANES, &g);
      first[0] += g;
      second[0] += g * (VECTOR(x + place) - mean);
    }
    for (i = 0; i < u->rests; i++, run++) {
      size_t place = start + (u->count + i) * u->step;
      lanes g;
      pass(job, c, passage, two, place, u->rest, &g);
      first[0] += g;
      second[0] += g * (LOAD(x + place, u->rest) - mean);
    }
    if (run >= RUN) {
      flush_sums(first, second, 2, sums);
      run = 0;
    }
  }
  flush_sums(first, second, 2, sums);
}

/// `factors` are those of the gradient (a), of 1 (b) and of x - mean (center).
PITH_INLINE void propagate_vector(const struct job *job, const struct coefficients *c,
                                  const struct coefficients *factors, enum passage passage, int two,
                                  size_t place, size_t count) {
  PITH_REASSOCIATE
  const struct pith_batch_norm_gradient *d = job->gradient;
  lanes g;
  if (passage == BY_Y)
    g = LOAD(d->addend_gradient + place, count);
  else
    pass(job, c, passage, two, place, count, &g);
  lanes off = LOAD(d->x + place, count) - VECTOR(c->center);
  g = VECTOR(factors->a) * g + (VECTOR(factors->center) * off + VECTOR(factors->b));
  STORE(d->x_gradient + place, count, g);
}

PITH_INLINE void propagate_rows(const struct job *job, const struct unit *u,
                                const struct coefficients *c, const struct coefficients *factors,
                                enum passage passage, int two, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    size_t start = u->base + row * u->row;
    for (size_t i = 0; i < u->count; i++)
      propagate_vector(job, c, factors, passage, two, start + i * u->step, LANES);
    for (size_t i = 0; i < u->rests; i++)
      propagate_vector(job, c, factors, passage, two, start + (u->count + i) * u->step, u->rest);
  }
}

static enum passage passage_of(const struct job *job) {
  if (job->gradient->y) return BY_Y;
  return has_bounds(job->norm) ? BY_X : OPEN;
}

/// Calls what is compiled for the case at hand alone.
#define EACH_PASSAGE(CALL)                          \
  enum passage passage = passage_of(job);           \
  int two = job->gradient->second != NULL;          \
  if (passage == OPEN && !two) CALL(OPEN, 0);       \
  if (passage == BY_X && !two) CALL(BY_X, 0);       \
  if (passage == BY_Y && !two) CALL(BY_Y, 0);       \
  if (passage == OPEN && two) CALL(OPEN, 1);        \
  if (passage == BY_X && two) CALL(BY_X, 1);        \
  if (passage == BY_Y && two) CALL(BY_Y, 1);

/// The lanes' means, and what x was multiplied by and moved by.
static void recall_coefficients(const struct job *job, const struct unit *u,
                                struct coefficients *c) {
  const struct pith_batch_norm *n = job->norm;
  float variance[LANES];
  spread(n, u, job->gradient->mean, 0, c->center);
  spread(n, u, job->gradient->variance, 1, variance);
  spread(n, u, job->gradient->scale, 0, c->a);
  spread(n, u, job->gradient->shift, 0, c->b);
  for (size_t lane = 0; lane < LANES; lane++) {
    c->a[lane] /= sqrtf(variance[lane] + n->epsilon);
    c->b[lane] -= c->center[lane] * c->a[lane];
  }
}

/// The factors of the gradient of x, from the sums; the parameters' gradients are written down.
static void find_factors(const struct job *job, const struct unit *u, size_t index, int writes,
                         const struct coefficients *c, struct coefficients *factors) {
  const struct pith_batch_norm *n = job->norm;
  struct sums sums = total(job, u, index);
  float variance[LANES], scale_gradient[LANES], shift_gradient[LANES];
  spread(n, u, job->gradient->variance, 1, variance);
  double count = (double)(n->rows * n->pixels);
  for (size_t lane = 0; lane < LANES; lane++) {
    double inverse = 1 / sqrt((double)variance[lane] + (double)n->epsilon);
    double share = (double)c->a[lane] / count;
    shift_gradient[lane] = (float)sums.first[lane];
    scale_gradient[lane] = (float)(sums.second[lane] * inverse);
    factors->a[lane] = c->a[lane];
    factors->b[lane] = (float)(-share * sums.first[lane]);
    factors->center[lane] = (float)(-share * sums.second[lane] * inverse * inverse);
  }
  if (!writes) return;
  gather(n, u, scale_gradient, job->gradient->scale_gradient);
  gather(n, u, shift_gradient, job->gradient->shift_gradient);
}

PITH_DISPATCHED(pith_batch_norm_compare, (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct job *job = context;
  for (size_t i = begin; i < end; i++) {
    struct unit u = unit_at(job->norm, i / job->parts);
    size_t rows = job->norm->rows, part = i % job->parts;
    size_t first = rows * part / job->parts, last = rows * (part + 1) / job->parts;
    struct coefficients c;
    recall_coefficients(job, &u, &c);
    job->partial[i] = (struct sums){{0}, {0}, {0}};
#define CALL(PASSAGE, TWO) \
  add_products(job, &u, &c, PASSAGE, TWO, first, last, &job->partial[i])
    EACH_PASSAGE(CALL)
#undef CALL
  }
}

PITH_DISPATCHED(pith_batch_norm_propagate, (void *context, size_t begin, size_t end),
                (context, begin, end)) {
  const struct job *job = context;
  for (size_t i = begin; i < end; i++) {
    struct unit u = unit_at(job->norm, i / job->parts);
    size_t rows = job->norm->rows, part = i % job->parts;
    size_t first = rows * part / job->parts, last = rows * (part + 1) / job->parts;
    struct coefficients c, factors;
    recall_coefficients(job, &u, &c);
    find_factors(job, &u, i / job->parts, part == 0, &c, &factors);
#define CALL(PASSAGE, TWO) propagate_rows(job, &u, &c, &factors, PASSAGE, TWO, first, last)
    EACH_PASSAGE(CALL)
#undef CALL
  }
}

static void differentiate_units(void *context, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    pith_batch_norm_compare(context, i, i + 1);
    pith_batch_norm_propagate(context, i, i + 1);
  }
}

void pith_batch_norm_backward(const struct pith_batch_norm *norm,
                              const struct pith_batch_norm_gradient *gradient, float *scratch) {
  struct job job = {.norm = norm, .gradient = gradient};
  run(&job, scratch, differentiate_units, pith_batch_norm_compare, pith_batch_norm_propagate);
}
