#include "pith_integer.h"

#include <string.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { TILE = 256 };

// MARK: - Encoding

PITH_DISPATCHED(encode_run,
                (const float *source, uint8_t *target, size_t count,
                 const struct pith_encoding *e),
                (source, target, count, e)) {
  float scale = e->scale, least = (float)(e->low - e->zero), most = (float)(e->high - e->zero);
  int32_t zero = e->zero;
  uint8_t flip = e->flip;
  for (size_t i = 0; i < count; i++) {
    float value = source[i] / scale;
    value = value > least ? value : least;
    value = value < most ? value : most;
    target[i] = (uint8_t)((int32_t)__builtin_rintf(value) + zero) ^ flip;
  }
}

struct encode_job {
  const float *source;
  uint8_t *target;
  const struct pith_encoding *encoding;
  size_t tiles;  // per image
};

/// Three planes to pixels of three bytes, four pixels at a time.
static void interleave_three(const uint8_t *planes, uint8_t *target, size_t count) {
  const uint8_t *first = planes, *second = planes + TILE, *third = planes + 2 * TILE;
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint32_t a, b, c;
    memcpy(&a, first + i, 4);
    memcpy(&b, second + i, 4);
    memcpy(&c, third + i, 4);
    uint32_t words[3] = {
        (a & 0xff) | (b & 0xff) << 8 | (c & 0xff) << 16 | (a & 0xff00) << 16,
        (b >> 8 & 0xff) | (c & 0xff00) | (a & 0xff0000) | (b & 0xff0000) << 8,
        (c >> 16 & 0xff) | (a >> 16 & 0xff00) | (b >> 8 & 0xff0000) | (c & 0xff000000),
    };
    memcpy(target + 3 * i, words, 12);
  }
  for (; i < count; i++) {
    target[3 * i] = first[i];
    target[3 * i + 1] = second[i];
    target[3 * i + 2] = third[i];
  }
}

/// Tiles of pixels of one image after the other.
static void encode_tiles(void *context, size_t begin, size_t end) {
  const struct encode_job *job = context;
  const struct pith_encoding *e = job->encoding;
  uint8_t planes[3 * TILE];
  for (size_t index = begin; index < end; index++) {
    size_t image = index / job->tiles, first = index % job->tiles * TILE;
    size_t count = e->pixels - first < TILE ? e->pixels - first : TILE;
    const float *source = job->source + image * e->channels * e->pixels + first;
    uint8_t *target = job->target + (image * e->pixels + first) * e->channels;
    if (e->channels == 1) {
      encode_run(source, target, count, e);
    } else if (e->channels == 3) {
      for (size_t channel = 0; channel < 3; channel++)
        encode_run(source + channel * e->pixels, planes + channel * TILE, count, e);
      interleave_three(planes, target, count);
    } else {
      for (size_t channel = 0; channel < e->channels; channel++) {
        encode_run(source + channel * e->pixels, planes, count, e);
        for (size_t i = 0; i < count; i++) target[i * e->channels + channel] = planes[i];
      }
    }
  }
}

void pith_encode_channels_last(const float *source, uint8_t *target,
                               const struct pith_encoding *encoding) {
  struct encode_job job = {source, target, encoding, (encoding->pixels + TILE - 1) / TILE};
  size_t tiles = encoding->batch * job.tiles;
  size_t total = encoding->batch * encoding->channels * encoding->pixels;
  pith_parallel(tiles, total > 16384 ? 1 : tiles + 1, encode_tiles, &job);
}

// MARK: - Decoding

PITH_DISPATCHED(decode_run,
                (const uint8_t *source, float *target, size_t count, uint8_t flip, int32_t zero,
                 float scale),
                (source, target, count, flip, zero, scale)) {
  for (size_t i = 0; i < count; i++)
    target[i] = (float)((int32_t)(uint8_t)(source[i] ^ flip) - zero) * scale;
}

struct decode_job {
  const uint8_t *source;
  float *target;
  int32_t zero;
  float scale;
  uint8_t flip;
};

static void decode_part(void *context, size_t begin, size_t end) {
  const struct decode_job *job = context;
  decode_run(job->source + begin, job->target + begin, end - begin, job->flip, job->zero,
             job->scale);
}

void pith_dequantize_bytes(const uint8_t *source, float *target, size_t count, uint8_t flip,
                       int32_t zero, float scale) {
  struct decode_job job = {source, target, zero, scale, flip};
  pith_parallel(count, 16384, decode_part, &job);
}

// MARK: - Sums

PITH_DISPATCHED(sum_run,
                (const uint8_t *left, const uint8_t *right, uint8_t *target, size_t count,
                 const struct pith_byte_sum *s),
                (left, right, target, count, s)) {
  float left_factor = s->left_factor, right_factor = s->right_factor, shift = s->shift;
  float low = s->low, high = s->high;
  uint8_t left_flip = s->left_flip, right_flip = s->right_flip, flip = s->flip;
  // The target may be an operand, element for element.
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    float value = left_factor * (float)(uint8_t)(left[i] ^ left_flip) +
                  (right_factor * (float)(uint8_t)(right[i] ^ right_flip) + shift);
    value = value > low ? value : low;
    value = value < high ? value : high;
    target[i] = (uint8_t)(int32_t)__builtin_rintf(value) ^ flip;
  }
}

struct bytes_job {
  const uint8_t *left, *right;
  uint8_t *target;
  const void *what;
};

static void sum_part(void *context, size_t begin, size_t end) {
  const struct bytes_job *job = context;
  sum_run(job->left + begin, job->right + begin, job->target + begin, end - begin, job->what);
}

void pith_sum_bytes(const uint8_t *left, const uint8_t *right, uint8_t *target, size_t count,
                    const struct pith_byte_sum *sum) {
  struct bytes_job job = {left, right, target, sum};
  pith_parallel(count, 32768, sum_part, &job);
}

// MARK: - Tables

static void look_up_portable(const uint8_t *source, uint8_t *target, size_t count,
                             const uint8_t *table) {
  for (size_t i = 0; i < count; i++) target[i] = table[source[i]];
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi"))) static void look_up_vbmi(
    const uint8_t *source, uint8_t *target, size_t count, const uint8_t *table) {
  __m512i parts[4];
  for (int i = 0; i < 4; i++) parts[i] = _mm512_loadu_si512(table + 64 * i);
  for (size_t i = 0; i < count; i += 64) {
    size_t rest = count - i;
    __mmask64 mask = rest >= 64 ? ~(__mmask64)0 : (((__mmask64)1 << rest) - 1);
    __m512i index = _mm512_maskz_loadu_epi8(mask, source + i);
    __m512i low = _mm512_permutex2var_epi8(parts[0], index, parts[1]);
    __m512i high = _mm512_permutex2var_epi8(parts[2], index, parts[3]);
    __m512i value = _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
    _mm512_mask_storeu_epi8(target + i, mask, value);
  }
}
#endif

static void look_up_run(const uint8_t *source, uint8_t *target, size_t count,
                        const uint8_t *table) {
#if defined(__x86_64__)
  if (pith_instructions() >= PITH_AVX512_VBMI) {
    look_up_vbmi(source, target, count, table);
    return;
  }
#endif
  look_up_portable(source, target, count, table);
}

static void look_up_part(void *context, size_t begin, size_t end) {
  const struct bytes_job *job = context;
  look_up_run(job->left + begin, job->target + begin, end - begin, job->what);
}

void pith_look_up_bytes(const uint8_t *source, uint8_t *target, size_t count,
                        const uint8_t table[256]) {
  struct bytes_job job = {source, NULL, target, table};
  pith_parallel(count, 32768, look_up_part, &job);
}

// MARK: - Channels

struct place_job {
  const uint8_t *source, *table;
  uint8_t *target;
  size_t channels, stride;
};

static void place_part(void *context, size_t begin, size_t end) {
  const struct place_job *job = context;
  for (size_t pixel = begin; pixel < end; pixel++) {
    const uint8_t *source = job->source + pixel * job->channels;
    uint8_t *target = job->target + pixel * job->stride;
    if (job->table)
      look_up_run(source, target, job->channels, job->table);
    else
      memcpy(target, source, job->channels);
  }
}

void pith_place_channels(const uint8_t *source, uint8_t *target, size_t pixels, size_t channels,
                         size_t stride, const uint8_t *table) {
  struct place_job job = {source, table, target, channels, stride};
  pith_parallel(pixels, channels * pixels > 32768 ? 1 : pixels + 1, place_part, &job);
}

// MARK: - Means

PITH_DISPATCHED(add_bytes, (const uint8_t *source, int32_t *sums, size_t count, uint8_t flip),
                (source, sums, count, flip)) {
  for (size_t i = 0; i < count; i++) sums[i] += (uint8_t)(source[i] ^ flip);
}

PITH_DISPATCHED(finish_bytes,
                (const int32_t *sums, uint8_t *target, size_t count, float factor, float shift,
                 float low, float high, uint8_t flip),
                (sums, target, count, factor, shift, low, high, flip)) {
  for (size_t i = 0; i < count; i++) {
    float value = factor * (float)sums[i] + shift;
    value = value > low ? value : low;
    value = value < high ? value : high;
    target[i] = (uint8_t)(int32_t)__builtin_rintf(value) ^ flip;
  }
}

PITH_DISPATCHED(finish_floats,
                (const int32_t *sums, float *target, size_t count, float factor, float shift),
                (sums, target, count, factor, shift)) {
  for (size_t i = 0; i < count; i++) target[i] = factor * (float)sums[i] + shift;
}

struct mean_job {
  const uint8_t *source;
  uint8_t *bytes;
  float *floats;
  const struct pith_byte_mean *mean;
};

/// The sums of `count` channels over one window.
static void sum_window(const uint8_t *image, const struct pith_byte_mean *m, size_t row,
                       size_t column, size_t channel, size_t count, int32_t *sums) {
  for (size_t y = 0; y < m->kernel[0]; y++) {
    ptrdiff_t from_row = (ptrdiff_t)(row * m->stride[0] + y * m->dilation[0]) - m->begin[0];
    if (from_row < 0 || from_row >= (ptrdiff_t)m->height) continue;
    for (size_t x = 0; x < m->kernel[1]; x++) {
      ptrdiff_t from = (ptrdiff_t)(column * m->stride[1] + x * m->dilation[1]) - m->begin[1];
      if (from < 0 || from >= (ptrdiff_t)m->width) continue;
      size_t place = ((size_t)from_row * m->width + (size_t)from) * m->channels + channel;
      add_bytes(image + place, sums, count, m->source_flip);
    }
  }
}

/// Blocks of channels of one window after the other.
static void mean_part(void *context, size_t begin, size_t end) {
  const struct mean_job *job = context;
  const struct pith_byte_mean *m = job->mean;
  size_t blocks = (m->channels + TILE - 1) / TILE, windows = m->out_height * m->out_width;
  int32_t sums[TILE];
  for (size_t index = begin; index < end; index++) {
    size_t channel = index % blocks * TILE, place = index / blocks, window = place % windows;
    size_t count = m->channels - channel < TILE ? m->channels - channel : TILE;
    const uint8_t *image = job->source + place / windows * m->height * m->width * m->channels;
    memset(sums, 0, count * sizeof *sums);
    sum_window(image, m, window / m->out_width, window % m->out_width, channel, count, sums);
    size_t target = place * m->channels + channel;
    float factor = m->factors[window], shift = m->shifts[window];
    if (job->floats)
      finish_floats(sums, job->floats + target, count, factor, shift);
    else
      finish_bytes(sums, job->bytes + target, count, factor, shift, m->low, m->high, m->flip);
  }
}

static void run_means(struct mean_job job) {
  const struct pith_byte_mean *m = job.mean;
  size_t parts = m->batch * m->out_height * m->out_width * ((m->channels + TILE - 1) / TILE);
  size_t work = parts * m->kernel[0] * m->kernel[1];
  pith_parallel(parts, work > 256 ? 1 : parts + 1, mean_part, &job);
}

void pith_mean_bytes(const uint8_t *source, uint8_t *target, const struct pith_byte_mean *mean) {
  run_means((struct mean_job){source, target, NULL, mean});
}

void pith_mean_bytes_float(const uint8_t *source, float *target,
                           const struct pith_byte_mean *mean) {
  run_means((struct mean_job){source, NULL, target, mean});
}
