#include "pith_sampling.h"

#include <string.h>

#include "pith_copy.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

struct map_job {
  const char *source;
  char *result;
  const struct pith_axis_map *map;
  const void *fill;
};

#define MAP_ROW(type)                                                                       \
  {                                                                                         \
    type *out = (type *)to;                                                                 \
    type fill = *(const type *)job->fill;                                                   \
    for (size_t j = 0; j < count; j++)                                                      \
      out[j] = offsets[j] < 0 ? fill : *(const type *)(from + offsets[j]);                  \
  }

static void map_row(const struct map_job *job, const char *from, char *to) {
  const struct pith_axis_map *map = job->map;
  const int64_t *offsets = map->offsets[map->rank - 1];
  size_t count = map->extents[map->rank - 1];
  if (map->run != map->element) {
    for (size_t j = 0; j < count; j++) {
      if (offsets[j] < 0)
        pith_fill(to + j * map->run, map->run / map->element, job->fill, map->element);
      else
        memcpy(to + j * map->run, from + offsets[j], map->run);
    }
    return;
  }
  switch (map->element) {
    case 1: MAP_ROW(uint8_t) break;
    case 2: MAP_ROW(uint16_t) break;
    case 4: MAP_ROW(uint32_t) break;
    default: MAP_ROW(uint64_t) break;
  }
}

static void map_part(void *context, size_t begin, size_t end) {
  const struct map_job *job = context;
  const struct pith_axis_map *map = job->map;
  size_t length = map->extents[map->rank - 1] * map->run;
  for (size_t row = begin; row < end; row++) {
    size_t rest = row;
    int64_t offset = 0;
    for (int axis = map->rank - 2; axis >= 0; axis--) {
      int64_t step = map->offsets[axis][rest % map->extents[axis]];
      rest /= map->extents[axis];
      offset = offset < 0 || step < 0 ? -1 : offset + step;
    }
    char *to = job->result + row * length;
    if (offset < 0)
      pith_fill(to, length / map->element, job->fill, map->element);
    else
      map_row(job, job->source + offset, to);
  }
}

void pith_map_axes(const void *source, void *result, const struct pith_axis_map *map,
                   const void *fill) {
  struct map_job job = {source, result, map, fill};
  size_t rows = 1;
  for (int axis = 0; axis < map->rank - 1; axis++) rows *= map->extents[axis];
  size_t work = map->extents[map->rank - 1] * map->run / map->element;
  pith_parallel(rows, 1 + 16384 / (work + 1), map_part, &job);
}

struct sampling_job {
  const float *source;
  float *result;
  const struct pith_axis_sampling *axis;
};

PITH_DISPATCHED(add_row,
                (float *result, const float *source, float weight, size_t count),
                (result, source, weight, count)) {
  for (size_t i = 0; i < count; i++) result[i] += weight * source[i];
}

PITH_DISPATCHED(set_row,
                (float *result, const float *source, float weight, size_t count),
                (result, source, weight, count)) {
  for (size_t i = 0; i < count; i++) result[i] = weight * source[i];
}

static void sample_part(void *context, size_t begin, size_t end) {
  const struct sampling_job *job = context;
  const struct pith_axis_sampling *axis = job->axis;
  size_t inner = axis->inner;
  for (size_t row = begin; row < end; row++) {
    size_t o = row / axis->to, j = row % axis->to;
    const float *source = job->source + o * axis->from * inner;
    float *result = job->result + row * inner;
    int32_t first = axis->starts[j], last = axis->starts[j + 1];
    if (inner == 1) {
      float sum = 0;
      for (int32_t t = first; t < last; t++) sum += axis->weights[t] * source[axis->places[t]];
      *result = sum;
      continue;
    }
    if (first == last) memset(result, 0, inner * sizeof(float));
    for (int32_t t = first; t < last; t++) {
      const float *from = source + (size_t)axis->places[t] * inner;
      if (t == first)
        set_row(result, from, axis->weights[t], inner);
      else
        add_row(result, from, axis->weights[t], inner);
    }
  }
}

void pith_sample_axis(const float *source, float *result, const struct pith_axis_sampling *axis) {
  struct sampling_job job = {source, result, axis};
  pith_parallel(axis->outer * axis->to, 1 + 16384 / (axis->inner + 1), sample_part, &job);
}
