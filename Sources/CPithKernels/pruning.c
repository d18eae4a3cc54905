#include "pith_pruning.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

/// What the window sees at one place of the output.
PITH_INLINE double *patch_at(const struct pith_patches *p, const float *image, size_t y, size_t x,
                             double *row) {
  size_t height = p->input[0], width = p->input[1];
  for (size_t c = 0; c < p->channels; c++) {
    const float *plane = image + c * height * width;
    for (size_t i = 0; i < p->kernel[0]; i++) {
      // Wraps to a large number above the first row or before the first column.
      size_t line = y * p->strides[0] + i * p->dilations[0] - p->pads[0];
      for (size_t j = 0; j < p->kernel[1]; j++) {
        size_t column = x * p->strides[1] + j * p->dilations[1] - p->pads[1];
        *row++ = line < height && column < width ? (double)plane[line * width + column] : 0;
      }
    }
  }
  return row;
}

void pith_patches(const struct pith_patches *p, const float *image, size_t begin, size_t end,
                  double *rows) {
  for (size_t y = begin; y < end; y++)
    for (size_t x = 0; x < p->output[1]; x++) rows = patch_at(p, image, y, x, rows);
}

void pith_patch(const struct pith_patches *p, const float *image, size_t place, double *row) {
  patch_at(p, image, place / p->output[1], place % p->output[1], row);
}

/// The weight whose removal costs least. Those that are gone carry an infinite penalty, which beats
/// whatever their quotient came to.
PITH_INLINE size_t cheapest(const double *weights, const double *diagonal, const double *penalty,
                            size_t order, double *loss) {
  double best = INFINITY;
  size_t place = order;
  for (size_t i = 0; i < order; i++) {
    double cost = weights[i] * weights[i] / diagonal[i] + penalty[i];
    if (cost < best) {
      best = cost;
      place = i;
    }
  }
  *loss = best / 2;
  return place;
}

/// Subtracts from `column` the parts of the columns removed before, `removed` (count, order).
PITH_INLINE void subtract_removed(const double *restrict removed, size_t count, size_t place,
                                  size_t order, double *restrict column) {
  size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const double *a = removed + k * order, *b = a + order, *c = b + order, *d = c + order;
    double fa = a[place], fb = b[place], fc = c[place], fd = d[place];
    for (size_t i = 0; i < order; i++)
      column[i] -= (fa * a[i] + fb * b[i]) + (fc * c[i] + fd * d[i]);
  }
  for (; k < count; k++) {
    const double *a = removed + k * order;
    double factor = a[place];
    for (size_t i = 0; i < order; i++) column[i] -= factor * a[i];
  }
}

// What is left of H^-1 after removals is H^-1 minus the outer products of the columns removed, each
// divided by the root of its pivot: a Cholesky decomposition whose pivots the losses choose.
PITH_DISPATCHED(remove_from_row,
                (const double *inverse, size_t order, double *scratch, uint32_t *order_of,
                 double *losses),
                (inverse, order, scratch, order_of, losses)) {
  double *weights = scratch, *diagonal = weights + order, *penalty = diagonal + order;
  double *removed = penalty + order;
  for (size_t i = 0; i < order; i++) {
    diagonal[i] = inverse[i * order + i];
    penalty[i] = 0;
  }
  for (size_t step = 0; step < order; step++) {
    double loss;
    size_t place = cheapest(weights, diagonal, penalty, order, &loss);
    if (place == order) {
      // Nothing left is a number: the rest goes in the order it stands.
      for (place = 0; penalty[place] != 0;) place++;
      loss = INFINITY;
    }
    double *column = removed + step * order;
    memcpy(column, inverse + place * order, order * sizeof(double));
    subtract_removed(removed, step, place, order, column);
    double root = 1 / sqrt(diagonal[place]), factor = weights[place] * root;
    for (size_t i = 0; i < order; i++) {
      column[i] *= root;
      weights[i] -= factor * column[i];
      double rest = diagonal[i] - column[i] * column[i];
      double least = 1e-13 * inverse[i * order + i];
      diagonal[i] = rest > least ? rest : least;
    }
    weights[place] = 0;
    penalty[place] = INFINITY;
    order_of[step] = (uint32_t)place;
    losses[step] = loss;
  }
}

struct removal {
  const double *inverse, *weights;
  size_t order;
  uint32_t *order_of;
  double *losses;
  atomic_int failed;
};

static void remove_from_rows(void *context, size_t begin, size_t end) {
  struct removal *r = context;
  double *scratch = malloc((r->order + 3) * r->order * sizeof(double));
  if (!scratch) {
    atomic_store(&r->failed, 1);
    return;
  }
  for (size_t row = begin; row < end; row++) {
    memcpy(scratch, r->weights + row * r->order, r->order * sizeof(double));
    remove_from_row(r->inverse, r->order, scratch, r->order_of + row * r->order,
                    r->losses + row * r->order);
  }
  free(scratch);
}

int pith_removal_order(const double *inverse, size_t order, const double *weights, size_t rows,
                       uint32_t *order_of, double *losses) {
  struct removal r = {inverse, weights, order, order_of, losses, 0};
  pith_parallel(rows, 2, remove_from_rows, &r);
  return !atomic_load(&r.failed);
}

PITH_DISPATCHED(add_moments,
                (const float *values, size_t count, double *squares, double *magnitudes),
                (values, count, squares, magnitudes)) {
  for (size_t i = 0; i < count; i++) {
    double value = (double)values[i];
    squares[i] += value * value;
    magnitudes[i] += fabs(value);
  }
}

void pith_add_moments(const float *values, size_t count, double *squares, double *magnitudes) {
  add_moments(values, count, squares, magnitudes);
}
