#include "pith_indexing.h"

#include <string.h>

#include "pith_parallel.h"

static inline int64_t index_at(const void *indices, int index_bytes, size_t at) {
  return index_bytes == 4 ? ((const int32_t *)indices)[at] : ((const int64_t *)indices)[at];
}

void pith_element_places(const struct pith_element_axes *axes, const void *indices,
                         int index_bytes, int64_t *places) {
  size_t counter[PITH_MAX_INDEXED_AXES] = {0};
  size_t count = 1;
  for (int axis = 0; axis < axes->rank; axis++) count *= axes->extents[axis];
  int64_t base = 0;  // place of the element, its position along `axis` left out
  int64_t size = (int64_t)axes->size;
  for (size_t i = 0; i < count; i++) {
    int64_t index = index_at(indices, index_bytes, i);
    if (index < 0) index += size;
    int inside = index >= 0 && index < size;
    places[i] = inside ? base + index * (int64_t)axes->strides[axes->axis] : -1;
    for (int axis = axes->rank - 1; axis >= 0; axis--) {
      int64_t stride = axis == axes->axis ? 0 : (int64_t)axes->strides[axis];
      base += stride;
      if (++counter[axis] < axes->extents[axis]) break;
      base -= stride * (int64_t)axes->extents[axis];
      counter[axis] = 0;
    }
  }
}

void pith_tuple_places(const struct pith_tuple_axes *axes, const void *indices, int index_bytes,
                       int64_t *places) {
  size_t at = 0;
  for (size_t batch = 0; batch < axes->batches; batch++) {
    for (size_t tuple = 0; tuple < axes->tuples; tuple++) {
      int64_t place = (int64_t)(batch * axes->batch_stride);
      for (size_t axis = 0; axis < axes->depth; axis++) {
        int64_t index = index_at(indices, index_bytes, at++);
        int64_t extent = (int64_t)axes->extents[axis];
        if (index < 0) index += extent;
        if (index < 0 || index >= extent) place = -1;
        if (place >= 0) place += index * (int64_t)axes->strides[axis];
      }
      places[batch * axes->tuples + tuple] = place;
    }
  }
}

struct take_job {
  const char *data;
  const int64_t *places;
  size_t run;
  size_t element;
  char *result;
};

#define TAKE_ELEMENTS(type)                                      \
  for (size_t i = begin; i < end; i++)                           \
    ((type *)job->result)[i] =                                   \
        job->places[i] < 0 ? 0 : ((const type *)job->data)[job->places[i]];

static void take_part(void *context, size_t begin, size_t end) {
  const struct take_job *job = context;
  if (job->run == 1 && job->element == 4) {
    TAKE_ELEMENTS(uint32_t)
    return;
  }
  if (job->run == 1 && job->element == 8) {
    TAKE_ELEMENTS(uint64_t)
    return;
  }
  size_t bytes = job->run * job->element;
  for (size_t i = begin; i < end; i++) {
    if (job->places[i] < 0)
      memset(job->result + i * bytes, 0, bytes);
    else
      memcpy(job->result + i * bytes, job->data + (size_t)job->places[i] * job->element, bytes);
  }
}

void pith_take(const void *data, const int64_t *places, size_t count, size_t run, size_t element,
               void *result) {
  struct take_job job = {data, places, run, element, result};
  pith_parallel(count, run > 8192 ? 1 : 16384 / (run + 1) + 1, take_part, &job);
}

#define PUT(name, type, wide)                                                                \
  static void name(enum pith_scatter scatter, const type *updates, const int64_t *places,    \
                   size_t count, size_t run, type *result) {                                 \
    for (size_t i = 0; i < count; i++) {                                                     \
      if (places[i] < 0) continue;                                                           \
      const type *from = updates + i * run;                                                  \
      type *to = result + places[i];                                                         \
      switch (scatter) {                                                                     \
        case PITH_SCATTER_ADD:                                                               \
          for (size_t r = 0; r < run; r++) to[r] = (type)((wide)to[r] + (wide)from[r]);      \
          break;                                                                             \
        case PITH_SCATTER_MULTIPLY:                                                          \
          for (size_t r = 0; r < run; r++) to[r] = (type)((wide)to[r] * (wide)from[r]);      \
          break;                                                                             \
        case PITH_SCATTER_MAXIMUM:                                                           \
          for (size_t r = 0; r < run; r++)                                                   \
            to[r] = from[r] > to[r] || from[r] != from[r] ? from[r] : to[r];                 \
          break;                                                                             \
        case PITH_SCATTER_MINIMUM:                                                           \
          for (size_t r = 0; r < run; r++)                                                   \
            to[r] = from[r] < to[r] || from[r] != from[r] ? from[r] : to[r];                 \
          break;                                                                             \
        default: break;                                                                      \
      }                                                                                      \
    }                                                                                        \
  }

// Signed numbers wrap around: they are added and multiplied as unsigned ones.
PUT(put_f32, float, float)
PUT(put_f64, double, double)
PUT(put_u8, uint8_t, uint32_t)
PUT(put_u16, uint16_t, uint32_t)
PUT(put_u32, uint32_t, uint32_t)
PUT(put_u64, uint64_t, uint64_t)

#define PUT_SIGNED(name, type, unsigned_put, unsigned_type)                                   \
  static void name(enum pith_scatter scatter, const type *updates, const int64_t *places,     \
                   size_t count, size_t run, type *result) {                                  \
    if (scatter == PITH_SCATTER_ADD || scatter == PITH_SCATTER_MULTIPLY) {                    \
      unsigned_put(scatter, (const unsigned_type *)updates, places, count, run,               \
                   (unsigned_type *)result);                                                  \
      return;                                                                                 \
    }                                                                                         \
    for (size_t i = 0; i < count; i++) {                                                      \
      if (places[i] < 0) continue;                                                            \
      const type *from = updates + i * run;                                                   \
      type *to = result + places[i];                                                          \
      for (size_t r = 0; r < run; r++) {                                                      \
        int takes = scatter == PITH_SCATTER_MAXIMUM ? from[r] > to[r] : from[r] < to[r];      \
        to[r] = takes ? from[r] : to[r];                                                      \
      }                                                                                       \
    }                                                                                         \
  }

PUT_SIGNED(put_s8, int8_t, put_u8, uint8_t)
PUT_SIGNED(put_s16, int16_t, put_u16, uint16_t)
PUT_SIGNED(put_s32, int32_t, put_u32, uint32_t)
PUT_SIGNED(put_s64, int64_t, put_u64, uint64_t)

void pith_put(enum pith_scatter scatter, enum pith_element type, const void *updates,
              const int64_t *places, size_t count, size_t run, void *result) {
  switch (type) {
    case PITH_ELEMENT_F32: put_f32(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_F64: put_f64(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_S8: put_s8(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_U8: put_u8(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_S16: put_s16(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_U16: put_u16(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_S32: put_s32(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_U32: put_u32(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_S64: put_s64(scatter, updates, places, count, run, result); break;
    case PITH_ELEMENT_U64: put_u64(scatter, updates, places, count, run, result); break;
  }
}

void pith_put_bytes(int clears, const void *updates, const int64_t *places, size_t count,
                    size_t run, size_t element, void *result) {
  size_t bytes = run * element;
  for (size_t i = 0; i < count; i++) {
    if (places[i] < 0) continue;
    char *to = (char *)result + (size_t)places[i] * element;
    if (clears)
      memset(to, 0, bytes);
    else
      memcpy(to, (const char *)updates + i * bytes, bytes);
  }
}
