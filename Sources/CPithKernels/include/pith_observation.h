#ifndef PITH_OBSERVATION_H
#define PITH_OBSERVATION_H

#include <stddef.h>
#include <stdint.h>

/// Bins of a distribution: of the form [k width, (k + 1) width), the first being `first`.
enum { PITH_OBSERVED_BINS = 8192 };

/// What has been seen of one value of a network while it runs on batch after batch.
struct pith_observation {
  size_t channels;
  /// Every `step`-th element is counted; `skip` of them are passed over first.
  size_t step, skip;
  /// Extremes of zero and all finite elements.
  float low, high;
  /// The width of a bin, a power of two; 0 while nothing but zeros has been seen.
  float width;
  int64_t first;
  /// (channels).
  double *sums;
  /// (parts, PITH_OBSERVED_BINS), to be added up; `extremes` is (parts, 2).
  size_t parts;
  uint64_t *counts;
  float *extremes;
};

/// The elements that a value has in a batch, as they lie: (samples, groups, places, lanes), where
/// `lanes`, which divides 16, is how many channels lie side by side. Those of the last group beyond
/// the value's channels are zero and belong to nothing.
struct pith_observed_batch {
  const float *x;
  size_t samples, groups, places, lanes;
};

/// Adds a batch to an observation, on all threads, the outcome being the same for any number of
/// them. The extremes and sums are of all elements, sums being in double precision over the samples.
/// Where an element lies outside the bins, they are widened and moved first, so that none is lost.
/// Not finite elements are counted nowhere but in the sums.
void pith_observe(struct pith_observation *seen, const struct pith_observed_batch *batch);

#endif
