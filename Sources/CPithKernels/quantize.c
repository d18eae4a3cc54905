#include "pith_quantize.h"

#include <math.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

struct range {
  int32_t low, high;
};

static struct range range_of(enum pith_integer type) {
  switch (type) {
    case PITH_S8: return (struct range){-128, 127};
    case PITH_U8: return (struct range){0, 255};
    case PITH_S16: return (struct range){-32768, 32767};
    case PITH_U16: return (struct range){0, 65535};
    case PITH_S4: return (struct range){-8, 7};
    case PITH_U4: return (struct range){0, 15};
    default: return (struct range){INT32_MIN, INT32_MAX};
  }
}

// Clamping comes before rounding: the bounds are whole numbers that a float holds exactly, so the
// order does not matter, and the conversion to an integer cannot overflow.
#define QUANTIZE(name, type)                                                                  \
  PITH_DISPATCHED(name,                                                                       \
                  (const float *source, type *target, size_t count, float scale,              \
                   int32_t zero, int32_t low, int32_t high),                                  \
                  (source, target, count, scale, zero, low, high)) {                          \
    float least = (float)(low - zero), most = (float)(high - zero);                           \
    for (size_t i = 0; i < count; i++) {                                                      \
      float value = source[i] / scale;                                                        \
      value = value > least ? value : least;                                                  \
      value = value < most ? value : most;                                                    \
      target[i] = (type)((int32_t)__builtin_rintf(value) + zero);                             \
    }                                                                                         \
  }

QUANTIZE(quantize_u8, uint8_t)
QUANTIZE(quantize_s8, int8_t)
QUANTIZE(quantize_u16, uint16_t)
QUANTIZE(quantize_s16, int16_t)

struct quantize_job {
  const float *source;
  const float *scales;
  const int32_t *zeros;
  void *quantized;
  float *result;
  enum pith_integer type;
  const struct pith_quantized_rows *rows;
};

static void quantize_run(const struct quantize_job *job, size_t start, size_t count,
                         size_t scale_at) {
  struct range range = range_of(job->type);
  float scale = job->scales[scale_at];
  int32_t zero = job->zeros[scale_at];
  const float *source = job->source + start;
  switch (job->type) {
    case PITH_S4:
    case PITH_S8:
      quantize_s8(source, (int8_t *)job->quantized + start, count, scale, zero, range.low,
                  range.high);
      break;
    case PITH_S16:
      quantize_s16(source, (int16_t *)job->quantized + start, count, scale, zero, range.low,
                   range.high);
      break;
    case PITH_U16:
      quantize_u16(source, (uint16_t *)job->quantized + start, count, scale, zero, range.low,
                   range.high);
      break;
    default:
      quantize_u8(source, (uint8_t *)job->quantized + start, count, scale, zero, range.low,
                  range.high);
      break;
  }
}

static void quantize_part(void *context, size_t begin, size_t end) {
  const struct quantize_job *job = context;
  for (size_t index = begin; index < end; index++) {
    const struct pith_quantized_row *row = &job->rows->rows[index];
    if (job->rows->step == 0)
      quantize_run(job, row->start, row->length, row->scale);
    else
      for (size_t i = 0; i < row->length; i++)
        quantize_run(job, row->start + i, 1, row->scale + i);
  }
}

static size_t grain(const struct pith_quantized_rows *rows) {
  return rows->elements > 16384 ? 1 : rows->count + 1;
}

void pith_quantize(const float *source, const float *scales, const int32_t *zeros, void *quantized,
                   enum pith_integer type, const struct pith_quantized_rows *rows, void *scratch) {
  int packed = type == PITH_S4 || type == PITH_U4;
  struct quantize_job job = {.source = source,
                             .scales = scales,
                             .zeros = zeros,
                             .quantized = packed ? scratch : quantized,
                             .type = type,
                             .rows = rows};
  pith_parallel(rows->count, grain(rows), quantize_part, &job);
  if (!packed) return;
  const uint8_t *wide = scratch;
  uint8_t *narrow = quantized;
  for (size_t i = 0; i < rows->elements; i += 2) {
    uint8_t high = i + 1 < rows->elements ? wide[i + 1] : 0;
    narrow[i / 2] = (uint8_t)((wide[i] & 15) | high << 4);
  }
}

// The difference is taken in integers and rounded once to float, as ONNX Runtime does.
#define DEQUANTIZE(name, type)                                                                \
  PITH_DISPATCHED(name,                                                                       \
                  (const type *source, float *result, size_t count, float scale,              \
                   int32_t zero),                                                             \
                  (source, result, count, scale, zero)) {                                     \
    for (size_t i = 0; i < count; i++)                                                        \
      result[i] = (float)(int32_t)((uint32_t)(int32_t)source[i] - (uint32_t)zero) * scale;    \
  }

DEQUANTIZE(dequantize_u8, uint8_t)
DEQUANTIZE(dequantize_s8, int8_t)
DEQUANTIZE(dequantize_u16, uint16_t)
DEQUANTIZE(dequantize_s16, int16_t)
DEQUANTIZE(dequantize_s32, int32_t)

static void dequantize_run(const struct quantize_job *job, size_t start, size_t count,
                           size_t scale_at) {
  float scale = job->scales[scale_at];
  int32_t zero = job->zeros[scale_at];
  float *result = job->result + start;
  switch (job->type) {
    case PITH_S4:
    case PITH_S8:
      dequantize_s8((const int8_t *)job->quantized + start, result, count, scale, zero);
      break;
    case PITH_S16:
      dequantize_s16((const int16_t *)job->quantized + start, result, count, scale, zero);
      break;
    case PITH_U16:
      dequantize_u16((const uint16_t *)job->quantized + start, result, count, scale, zero);
      break;
    case PITH_S32:
      dequantize_s32((const int32_t *)job->quantized + start, result, count, scale, zero);
      break;
    default:
      dequantize_u8((const uint8_t *)job->quantized + start, result, count, scale, zero);
      break;
  }
}

static void dequantize_part(void *context, size_t begin, size_t end) {
  const struct quantize_job *job = context;
  for (size_t index = begin; index < end; index++) {
    const struct pith_quantized_row *row = &job->rows->rows[index];
    if (job->rows->step == 0)
      dequantize_run(job, row->start, row->length, row->scale);
    else
      for (size_t i = 0; i < row->length; i++)
        dequantize_run(job, row->start + i, 1, row->scale + i);
  }
}

static void unpack(const void *packed, enum pith_integer type, uint8_t *wide, size_t count) {
  const uint8_t *narrow = packed;
  for (size_t i = 0; i < count; i++) {
    uint8_t nibble = i % 2 ? narrow[i / 2] >> 4 : narrow[i / 2] & 15;
    wide[i] = type == PITH_S4 && nibble > 7 ? (uint8_t)(nibble | 0xf0) : nibble;
  }
}

void pith_dequantize(const void *quantized, const float *scales, const int32_t *zeros,
                     float *result, enum pith_integer type,
                     const struct pith_quantized_rows *rows, void *scratch) {
  int packed = type == PITH_S4 || type == PITH_U4;
  if (packed) unpack(quantized, type, scratch, rows->elements);
  struct quantize_job job = {.scales = scales,
                             .zeros = zeros,
                             .quantized = packed ? scratch : (void *)quantized,
                             .result = result,
                             .type = type,
                             .rows = rows};
  pith_parallel(rows->count, grain(rows), dequantize_part, &job);
}

void pith_widen(const void *from, enum pith_integer type, int32_t *to, size_t count) {
  for (size_t i = 0; i < count; i++) {
    switch (type) {
      case PITH_S8: to[i] = ((const int8_t *)from)[i]; break;
      case PITH_U8: to[i] = ((const uint8_t *)from)[i]; break;
      case PITH_S16: to[i] = ((const int16_t *)from)[i]; break;
      case PITH_U16: to[i] = ((const uint16_t *)from)[i]; break;
      case PITH_S32: to[i] = ((const int32_t *)from)[i]; break;
      default: {
        uint8_t nibble = ((const uint8_t *)from)[i / 2];
        nibble = i % 2 ? nibble >> 4 : nibble & 15;
        to[i] = type == PITH_S4 && nibble > 7 ? (int32_t)nibble - 16 : nibble;
      }
    }
  }
}
