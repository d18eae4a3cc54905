#include "pith_observation.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

// Widths whose inverse is a normal number as well; what lies closer together counts as equal.
enum { SMALLEST_EXPONENT = -100, LANES = 16 };

/// Extremes and sums of the channels in groups `begin` up to `end`. Every lane has its own, so that
/// they can be found side by side.
PITH_DISPATCHED(observe_groups,
                (struct pith_observation *seen, const struct pith_observed_batch *batch,
                 size_t begin, size_t end, float *extremes),
                (seen, batch, begin, end, extremes)) {
  float low[LANES] = {0}, high[LANES] = {0};
  const size_t lanes = batch->lanes, length = batch->places * lanes, tail = length % LANES;
  for (size_t sample = 0; sample < batch->samples; sample++) {
    for (size_t group = begin; group < end; group++) {
      const float *x = batch->x + (sample * batch->groups + group) * length;
      float sums[LANES] = {0};
      for (size_t start = 0; start < length - tail; start += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
          const float value = x[start + lane];
          const float finite = fabsf(value) <= FLT_MAX ? value : 0;
          sums[lane] += value;
          low[lane] = finite < low[lane] ? finite : low[lane];
          high[lane] = finite > high[lane] ? finite : high[lane];
        }
      }
      for (size_t lane = 0; lane < tail; lane++) {
        const float value = x[length - tail + lane];
        const float finite = fabsf(value) <= FLT_MAX ? value : 0;
        sums[lane] += value;
        low[lane] = finite < low[lane] ? finite : low[lane];
        high[lane] = finite > high[lane] ? finite : high[lane];
      }
      const size_t first = group * lanes, left = seen->channels - first;
      for (size_t channel = 0; channel < (left < lanes ? left : lanes); channel++) {
        float sum = 0;
        for (size_t lane = channel; lane < LANES; lane += lanes) sum += sums[lane];
        seen->sums[first + channel] += (double)sum;
      }
    }
  }
  for (size_t lane = 0; lane < LANES; lane++) {
    extremes[0] = low[lane] < extremes[0] ? low[lane] : extremes[0];
    extremes[1] = high[lane] > extremes[1] ? high[lane] : extremes[1];
  }
}

static int64_t bin_of(float value, float width) { return (int64_t)floor((double)value / width); }

/// Widens and moves the bins until they hold all values between the extremes.
static void make_room(struct pith_observation *seen) {
  if (seen->high <= seen->low) return;
  float width = seen->width;
  if (width == 0) {
    int exponent;
    frexp((double)seen->high - (double)seen->low, &exponent);
    exponent -= 13;
    width = (float)ldexp(1, exponent < SMALLEST_EXPONENT ? SMALLEST_EXPONENT : exponent);
  }
  int shift = 0;
  int64_t first = bin_of(seen->low, width), last = bin_of(seen->high, width);
  for (; last - first >= PITH_OBSERVED_BINS; shift++) {
    width *= 2;
    first = bin_of(seen->low, width);
    last = bin_of(seen->high, width);
  }
  const int64_t end = seen->first + PITH_OBSERVED_BINS;
  if (shift == 0 && width == seen->width && first >= seen->first && last < end) return;
  for (size_t part = 0; part < seen->parts; part++) {
    uint64_t *counts = seen->counts + part * PITH_OBSERVED_BINS, old[PITH_OBSERVED_BINS];
    memcpy(old, counts, sizeof old);
    memset(counts, 0, sizeof old);
    for (int64_t bin = 0; bin < PITH_OBSERVED_BINS; bin++) {
      if (old[bin]) counts[((seen->first + bin) >> shift) - first] += old[bin];
    }
  }
  seen->width = width;
  seen->first = first;
}

/// Counts every `step`-th element of those from `place` up to `end`.
PITH_DISPATCHED(count_elements,
                (const struct pith_observation *seen, const struct pith_observed_batch *batch,
                 size_t place, size_t end, uint64_t *counts),
                (seen, batch, place, end, counts)) {
  const float scale = seen->width == 0 ? 0 : 1 / seen->width;
  const float *x = batch->x;
  const int64_t first = seen->first;
  const size_t step = seen->step, lanes = batch->lanes;
  const size_t last = batch->groups - 1, used = seen->channels - last * lanes;
  for (; place < end; place += step) {
    const float value = x[place];
    if (used < lanes && place % lanes >= used &&
        place / (batch->places * lanes) % batch->groups == last)
      continue;
    if (fabsf(value) <= FLT_MAX) counts[(int64_t)(int32_t)floorf(value * scale) - first]++;
  }
}

struct job {
  struct pith_observation *seen;
  const struct pith_observed_batch *batch;
};

static void observe_parts(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  const size_t groups = job->batch->groups, parts = job->seen->parts;
  for (size_t part = begin; part < end; part++) {
    observe_groups(job->seen, job->batch, groups * part / parts, groups * (part + 1) / parts,
                   job->seen->extremes + 2 * part);
  }
}

static void count_parts(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  const struct pith_observation *seen = job->seen;
  const struct pith_observed_batch *batch = job->batch;
  const size_t count = batch->samples * batch->groups * batch->places * batch->lanes;
  for (size_t part = begin; part < end; part++) {
    const size_t from = count * part / seen->parts;
    const size_t behind = from > seen->skip ? (from - seen->skip) % seen->step : 0;
    const size_t first = from + (behind ? seen->step - behind : 0);
    const size_t place = from <= seen->skip ? seen->skip : first;
    count_elements(seen, batch, place, count * (part + 1) / seen->parts,
                   seen->counts + part * PITH_OBSERVED_BINS);
  }
}

void pith_observe(struct pith_observation *seen, const struct pith_observed_batch *batch) {
  const size_t count = batch->samples * batch->groups * batch->places * batch->lanes;
  if (count == 0) return;
  struct job job = {seen, batch};
  pith_parallel(seen->parts, 1, observe_parts, &job);
  for (size_t part = 0; part < seen->parts; part++) {
    const float *extremes = seen->extremes + 2 * part;
    seen->low = extremes[0] < seen->low ? extremes[0] : seen->low;
    seen->high = extremes[1] > seen->high ? extremes[1] : seen->high;
  }
  make_room(seen);
  pith_parallel(seen->parts, 1, count_parts, &job);
  const size_t left = count > seen->skip ? (count - seen->skip) % seen->step : 0;
  seen->skip = count > seen->skip ? (left ? seen->step - left : 0) : seen->skip - count;
}
