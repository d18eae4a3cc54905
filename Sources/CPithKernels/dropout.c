#include "pith_dropout.h"

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

struct dropout {
  const float *x;
  float *y;
  size_t count;
  uint32_t limit;
  float scale;
  uint64_t seed;
  uint32_t stream, step;
};

enum { LANES = 16 };

/// Philox4x32-10 (Salmon et al., SC 2011) at LANES counters that follow each other.
PITH_INLINE void philox(uint64_t first, const struct dropout *job, uint32_t words[4][LANES]) {
  for (int lane = 0; lane < LANES; lane++) {
    uint64_t counter = first + (uint64_t)lane;
    uint32_t a = (uint32_t)counter, b = (uint32_t)(counter >> 32);
    uint32_t c = job->step, d = job->stream;
    uint32_t k0 = (uint32_t)job->seed, k1 = (uint32_t)(job->seed >> 32);
    for (int round = 0; round < 10; round++) {
      uint64_t low = (uint64_t)0xD2511F53 * a, high = (uint64_t)0xCD9E8D57 * c;
      uint32_t next_a = (uint32_t)(high >> 32) ^ b ^ k0, next_c = (uint32_t)(low >> 32) ^ d ^ k1;
      b = (uint32_t)high;
      d = (uint32_t)low;
      a = next_a;
      c = next_c;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    words[0][lane] = a;
    words[1][lane] = b;
    words[2][lane] = c;
    words[3][lane] = d;
  }
}

/// Parts are counted in groups of 4 * LANES elements.
PITH_DISPATCHED(dropout_part, (void *context, size_t begin, size_t end), (context, begin, end)) {
  const struct dropout *job = context;
  uint32_t words[4][LANES];
  for (size_t group = begin; group < end; group++) {
    philox(group * LANES, job, words);
    size_t start = group * 4 * LANES;
    size_t left = job->count - start < 4 * LANES ? job->count - start : 4 * LANES;
    for (size_t i = 0; i < left; i++) {
      float x = job->x[start + i];
      job->y[start + i] = words[i % 4][i / 4] >= job->limit ? x * job->scale : 0;
    }
  }
}

void pith_dropout(const float *x, float *y, size_t count, float ratio, uint64_t seed,
                  uint32_t stream, uint32_t step) {
  double limit = (double)ratio * 4294967296.0;
  struct dropout job = {x, y, count, 0, 0, seed, stream, step};
  // A ratio of one would need a limit of 2^32: the scale of zero does the same.
  job.limit = limit >= 4294967295.0 ? UINT32_MAX : (uint32_t)limit;
  job.scale = ratio < 1 ? 1 / (1 - ratio) : 0;
  pith_parallel((count + 4 * LANES - 1) / (4 * LANES), 64, dropout_part, &job);
}
