#ifndef PITH_OBSERVATION_H
#define PITH_OBSERVATION_H

#include <stddef.h>
#include <stdint.h>

/// Bins of a distribution: of the form [k width, (k + 1) width), the first being `first`.
enum { PITH_OBSERVED_BINS = 8192 };

/// One value of a network while it runs on batch after batch, and what has been seen of it.
struct pith_observation {
  /// Elements of this batch, (rows, inner); the channel of a row is its number modulo `channels`.
  const float *x;
  size_t rows, inner, channels;
  /// Every `step`-th element is counted; `skip` of them are passed over first.
  size_t step, skip;
  /// Extremes of zero and all finite elements.
  float low, high;
  /// The width of a bin, a power of two; 0 while nothing but zeros has been seen.
  float width;
  int64_t first;
  /// (channels).
  double *sums;
  /// (PITH_OBSERVED_BINS).
  uint64_t *counts;
};

/// Adds a batch to each of `count` observations, on all threads. The extremes and sums are of all
/// elements, sums being in double precision over the rows. Where an element lies outside the bins,
/// they are widened and moved first, so that none is lost. Not finite elements are counted nowhere
/// but in the sums.
void pith_observe(struct pith_observation *observations, size_t count);

#endif
