#include "pith_observation.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

// Widths whose inverse is a normal number as well; what lies closer together counts as equal.
enum { SMALLEST_EXPONENT = -100, LANES = 16 };

/// Extremes of all rows, and the sum of each channel. Every lane has its own, so that they can be
/// found side by side.
PITH_DISPATCHED(observe_rows, (struct pith_observation *seen), (seen)) {
  float low[LANES], high[LANES];
  for (size_t lane = 0; lane < LANES; lane++) {
    low[lane] = seen->low;
    high[lane] = seen->high;
  }
  const size_t inner = seen->inner, whole = inner - inner % LANES;
  for (size_t row = 0, channel = 0; row < seen->rows; row++) {
    const float *x = seen->x + row * inner;
    float sums[LANES] = {0};
    for (size_t start = 0; start < whole; start += LANES) {
      for (size_t lane = 0; lane < LANES; lane++) {
        const float value = x[start + lane];
        const float finite = fabsf(value) <= FLT_MAX ? value : 0;
        sums[lane] += value;
        low[lane] = finite < low[lane] ? finite : low[lane];
        high[lane] = finite > high[lane] ? finite : high[lane];
      }
    }
    for (size_t lane = 0; lane < inner - whole; lane++) {
      const float value = x[whole + lane];
      const float finite = fabsf(value) <= FLT_MAX ? value : 0;
      sums[lane] += value;
      low[lane] = finite < low[lane] ? finite : low[lane];
      high[lane] = finite > high[lane] ? finite : high[lane];
    }
    float sum = 0;
    for (size_t lane = 0; lane < LANES; lane++) sum += sums[lane];
    seen->sums[channel] += (double)sum;
    if (++channel == seen->channels) channel = 0;
  }
  for (size_t lane = 0; lane < LANES; lane++) {
    seen->low = low[lane] < seen->low ? low[lane] : seen->low;
    seen->high = high[lane] > seen->high ? high[lane] : seen->high;
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
  uint64_t old[PITH_OBSERVED_BINS];
  memcpy(old, seen->counts, sizeof old);
  memset(seen->counts, 0, sizeof old);
  for (int64_t bin = 0; bin < PITH_OBSERVED_BINS; bin++) {
    if (old[bin]) seen->counts[((seen->first + bin) >> shift) - first] += old[bin];
  }
  seen->width = width;
  seen->first = first;
}

/// Counts every `step`-th element.
PITH_DISPATCHED(count_elements, (struct pith_observation *seen, size_t count), (seen, count)) {
  const float scale = seen->width == 0 ? 0 : 1 / seen->width;
  const float *x = seen->x;
  uint64_t *counts = seen->counts;
  const int64_t first = seen->first;
  const size_t step = seen->step;
  size_t place = seen->skip;
  for (; place < count; place += step) {
    const float value = x[place];
    if (fabsf(value) <= FLT_MAX) counts[(int64_t)(int32_t)floorf(value * scale) - first]++;
  }
  seen->skip = place - count;
}

static void observe(struct pith_observation *seen) {
  observe_rows(seen);
  make_room(seen);
  count_elements(seen, seen->rows * seen->inner);
}

struct job {
  struct pith_observation *observations;
  size_t count;
  size_t next;
};

/// Takes one observation after another, until there is none left.
static void observe_some(void *context, size_t begin, size_t end) {
  struct job *job = context;
  (void)begin, (void)end;
  for (;;) {
    const size_t index = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED);
    if (index >= job->count) return;
    observe(&job->observations[index]);
  }
}

void pith_observe(struct pith_observation *observations, size_t count) {
  struct job job = {.observations = observations, .count = count, .next = 0};
  pith_parallel((size_t)pith_threads(), 1, observe_some, &job);
}
