#include "pith_gather.h"

#include <string.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

struct gather_job {
  const void *data;
  const void *indices;
  void *result;
  const struct pith_gather *shape;
  int index_bytes;
};

static inline size_t place(const void *indices, int index_bytes, size_t at, size_t size) {
  int64_t index =
      index_bytes == 4 ? ((const int32_t *)indices)[at] : ((const int64_t *)indices)[at];
  if (index < 0) index += (int64_t)size;
  return (size_t)index;
}

// The lookup of a small codebook. Out-of-range indices read entry 0 and are cleared.
PITH_DISPATCHED(look_up_32,
                (const uint32_t *table, const int32_t *indices, uint32_t *result, size_t count,
                 int32_t size),
                (table, indices, result, count, size)) {
  for (size_t k = 0; k < count; k++) {
    int32_t index = indices[k];
    index += index < 0 ? size : 0;
    int inside = (uint32_t)index < (uint32_t)size;
    uint32_t value = table[inside ? index : 0];
    result[k] = inside ? value : 0;
  }
}

PITH_DISPATCHED(look_up_64,
                (const uint32_t *table, const int64_t *indices, uint32_t *result, size_t count,
                 int64_t size),
                (table, indices, result, count, size)) {
  for (size_t k = 0; k < count; k++) {
    int64_t index = indices[k];
    index += index < 0 ? size : 0;
    int inside = (uint64_t)index < (uint64_t)size;
    uint32_t value = table[inside ? index : 0];
    result[k] = inside ? value : 0;
  }
}

static void look_up_part(void *context, size_t begin, size_t end) {
  const struct gather_job *job = context;
  uint32_t *result = (uint32_t *)job->result + begin;
  size_t size = job->shape->size;
  if (job->index_bytes == 4)
    look_up_32(job->data, (const int32_t *)job->indices + begin, result, end - begin,
               (int32_t)size);
  else
    look_up_64(job->data, (const int64_t *)job->indices + begin, result, end - begin,
               (int64_t)size);
}

static void gather_part(void *context, size_t begin, size_t end) {
  const struct gather_job *job = context;
  const struct pith_gather *shape = job->shape;
  for (size_t at = begin; at < end; at++) {
    size_t o = at / shape->count, k = at % shape->count;
    size_t index = place(job->indices, job->index_bytes, k, shape->size);
    char *target = (char *)job->result + at * shape->run;
    if (index < shape->size)
      memcpy(target, (const char *)job->data + (o * shape->size + index) * shape->run, shape->run);
    else
      memset(target, 0, shape->run);
  }
}

void pith_gather(const void *data, const void *indices, int index_bytes, void *result,
                 const struct pith_gather *shape) {
  struct gather_job job = {data, indices, result, shape, index_bytes};
  if (shape->outer == 1 && shape->run == 4 && shape->size > 0 && shape->size < (1u << 31)) {
    pith_parallel(shape->count, 16384, look_up_part, &job);
    return;
  }
  pith_parallel(shape->outer * shape->count, 1 + 16384 / (shape->run + 1), gather_part, &job);
}

// Small tables: the indices are cut into a fixed number of parts, each with a table of its own,
// which are then added in order.
enum { PARTS = 16, SMALL_TABLE = 4096 };

static int is_small(const struct pith_gather *shape) {
  return shape->outer == 1 && shape->run == 1 && shape->size <= SMALL_TABLE;
}

size_t pith_scatter_add_scratch(const struct pith_gather *shape) {
  return is_small(shape) ? (PARTS + 1) * shape->size * 4 * sizeof(double) : 0;
}

struct scatter_job {
  const float *gradient;
  const void *indices;
  float *result;
  const struct pith_gather *shape;
  int index_bytes;
  double *scratch;
};

static void count_part(void *context, size_t begin, size_t end) {
  const struct scatter_job *job = context;
  size_t size = job->shape->size, count = job->shape->count;
  for (size_t part = begin; part < end; part++) {
    // Four tables in turn: neighbours often hit the same entry, whose sum is then not waited for.
    double *table = job->scratch + part * size * 4;
    memset(table, 0, size * 4 * sizeof(double));
    size_t last = count * (part + 1) / PARTS;
    for (size_t k = count * part / PARTS; k < last; k++) {
      size_t index = place(job->indices, job->index_bytes, k, size);
      if (index < size) table[index * 4 + (k & 3)] += job->gradient[k];
    }
  }
}

// A range of the rows' columns (run > 1) or of the outer slices, over all indices.
static void scatter_part(void *context, size_t begin, size_t end) {
  const struct scatter_job *job = context;
  const struct pith_gather *shape = job->shape;
  int by_outer = shape->outer > 1;
  size_t first = by_outer ? 0 : begin, last = by_outer ? shape->run : end;
  size_t from = by_outer ? begin : 0, to = by_outer ? end : shape->outer;
  for (size_t o = from; o < to; o++) {
    float *slice = job->result + o * shape->size * shape->run;
    for (size_t row = 0; row < shape->size; row++)
      memset(slice + row * shape->run + first, 0, (last - first) * sizeof(float));
    for (size_t k = 0; k < shape->count; k++) {
      size_t index = place(job->indices, job->index_bytes, k, shape->size);
      if (index >= shape->size) continue;
      float *target = slice + index * shape->run;
      const float *source = job->gradient + (o * shape->count + k) * shape->run;
      for (size_t r = first; r < last; r++) target[r] += source[r];
    }
  }
}

void pith_scatter_add(const float *gradient, const void *indices, int index_bytes, float *result,
                      const struct pith_gather *shape, void *scratch) {
  struct scatter_job job = {gradient, indices, result, shape, index_bytes, scratch};
  if (!is_small(shape)) {
    size_t parts = shape->outer > 1 ? shape->outer : shape->run;
    size_t work = shape->outer * shape->count * shape->run;
    pith_parallel(parts, work > 16384 ? 1 : parts + 1, scatter_part, &job);
    return;
  }
  pith_parallel(PARTS, shape->count > 16384 ? 1 : PARTS + 1, count_part, &job);
  for (size_t entry = 0; entry < shape->size; entry++) {
    double sum = 0;
    for (size_t part = 0; part < PARTS; part++) {
      const double *table = job.scratch + part * shape->size * 4 + entry * 4;
      sum += (table[0] + table[1]) + (table[2] + table[3]);
    }
    result[entry] = (float)sum;
  }
}
