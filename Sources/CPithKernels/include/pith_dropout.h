#ifndef PITH_DROPOUT_H
#define PITH_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

/// y[i] = x[i] / (1 - ratio) with probability 1 - ratio, else 0; x and y may be one. Element i is
/// decided by word i % 4 of the Philox4x32-10 block at counter (i / 4, step, stream) under the seed.
void pith_dropout(const float *x, float *y, size_t count, float ratio, uint64_t seed,
                  uint32_t stream, uint32_t step);

#endif
