#include "pith_dispatch.h"
#include "pith_normalization_units.h"

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
