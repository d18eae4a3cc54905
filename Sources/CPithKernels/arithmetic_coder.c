#include "include/pith_arithmetic_coder.h"

#include <stdlib.h>

#include "pith_coder_internal.h"

uint32_t pith_reciprocals[1024];
int16_t pith_stretches[4096];
uint16_t pith_squashes[6144];

// Fills the tables with integer arithmetic alone, so that they are the same everywhere.
__attribute__((constructor)) static void pith_fill_tables(void) {
  for (uint32_t seen = 0; seen < 1024; seen++) pith_reciprocals[seen] = 16384 / (2 * seen + 3);
  const uint64_t decay = 4278222805u;  // exp(-1/256) * 2^32
  uint64_t power = (uint64_t)1 << 62;  // exp(-step / 256) * 2^62
  for (uint32_t step = 0; step < 3072; step++) {
    uint64_t one = (uint64_t)1 << 32;
    uint64_t probability = ((one << 16) + (one + (power >> 30)) / 2) / (one + (power >> 30));
    if (probability > 65535) probability = 65535;
    pith_squashes[3072 + step] = (uint16_t)probability;
    if (step > 0) pith_squashes[3072 - step] = (uint16_t)(65536 - probability);
    power = (power >> 32) * decay + (((power & 0xffffffffu) * decay) >> 32);
  }
  pith_squashes[0] = pith_squashes[1];
  uint32_t entry = 0;
  for (uint32_t cell = 0; cell < 4096; cell++) {
    while (entry < 6143 && pith_squashes[entry] < cell * 16 + 8) entry++;
    pith_stretches[cell] = (int16_t)((int32_t)entry - 3072);
  }
}

static void pith_append(uint8_t **bytes, size_t *count, size_t *capacity, uint8_t byte,
                        int *failed) {
  if (*count == *capacity) {
    size_t larger = *capacity ? *capacity * 2 : 256;
    uint8_t *grown = realloc(*bytes, larger);
    if (!grown) {
      *failed = 1;
      return;
    }
    *bytes = grown;
    *capacity = larger;
  }
  (*bytes)[(*count)++] = byte;
}

void pith_encoder_push(pith_coder *c, uint8_t byte) {
  pith_append(&c->bins, &c->bin_count, &c->bin_capacity, byte, &c->failed);
}

void pith_encoder_start(pith_coder *c) {
  *c = (pith_coder){0};
  c->high = 0xffffffffu;
}

void pith_encoder_finish(pith_coder *c) {
  // The decoder reads zeros past the end, so one byte that lies inside the interval is enough.
  if (c->low > 0) pith_encoder_push(c, (uint8_t)((c->low >> 24) + 1));
  while (c->bit_count > 0) {
    pith_encoder_push_verbatim(c, (uint8_t)c->bit_buffer);
    c->bit_buffer >>= 8;
    c->bit_count = c->bit_count > 8 ? c->bit_count - 8 : 0;
  }
}

void pith_decoder_start(pith_coder *c, const uint8_t *bins, size_t bin_count,
                        const uint8_t *verbatim, size_t verbatim_count) {
  *c = (pith_coder){0};
  c->high = 0xffffffffu;
  c->input = bins;
  c->input_count = bin_count;
  c->verbatim_input = verbatim;
  c->verbatim_input_count = verbatim_count;
  for (int byte = 0; byte < 4; byte++) {
    uint32_t next = c->input_position < bin_count ? bins[c->input_position] : 0;
    c->input_position++;
    c->code = c->code << 8 | next;
  }
}

void pith_coder_release(pith_coder *c) {
  free(c->bins);
  free(c->verbatim);
  c->bins = c->verbatim = NULL;
  c->bin_count = c->bin_capacity = c->verbatim_count = c->verbatim_capacity = 0;
}

size_t pith_decoder_overrun(const pith_coder *c) {
  size_t bins = c->input_position > c->input_count ? c->input_position - c->input_count : 0;
  size_t verbatim = c->verbatim_position > c->verbatim_input_count
                        ? c->verbatim_position - c->verbatim_input_count
                        : 0;
  return bins + verbatim;
}

// MARK: Single bins

static inline uint32_t pith_average(const pith_bit_model *m) {
  uint32_t p = ((uint32_t)m->fast + m->slow) >> 1;
  return p < 1 ? 1 : p;
}

static inline void pith_adapt(pith_bit_model *m, int bit) {
  if (bit) {
    m->fast += (65535 - m->fast) >> 4;
    m->slow += (65535 - m->slow) >> 7;
  } else {
    m->fast -= m->fast >> 4;
    m->slow -= m->slow >> 7;
  }
}

void pith_encode_bit(pith_coder *c, pith_bit_model *m, int bit) {
  pith_put(c, pith_average(m), bit);
  pith_adapt(m, bit);
}

int pith_decode_bit(pith_coder *c, pith_bit_model *m) {
  int bit = pith_get(c, pith_average(m));
  pith_adapt(m, bit);
  return bit;
}

// MARK: Verbatim bits

void pith_encoder_push_verbatim(pith_coder *c, uint8_t byte) {
  pith_append(&c->verbatim, &c->verbatim_count, &c->verbatim_capacity, byte, &c->failed);
}

void pith_encode_verbatim(pith_coder *c, uint32_t value, uint32_t count) {
  pith_put_verbatim(c, value, count);
}

uint32_t pith_decode_verbatim(pith_coder *c, uint32_t count) {
  return pith_get_verbatim(c, count);
}
