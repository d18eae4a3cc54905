#include "pith_dispatch.h"
#include "pith_normalization_units.h"

size_t pith_batch_norm_scratch(const struct pith_batch_norm *n) {
  return units_of(n) * parts_of(n) * sizeof(struct sums) / sizeof(float) + LANES;
}

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

/// Both passes over a unit before the next, which finds the second one's data in the caches.
static void normalize_units(void *context, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    pith_batch_norm_measure(context, i, i + 1);
    pith_batch_norm_normalize(context, i, i + 1);
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
