#include "include/pith_byte_coder.h"

#include <stdlib.h>

#include "pith_coder_internal.h"

enum {
  ORDERS = 8,              // hashed contexts
  INPUTS = 2 * ORDERS + 3, // two of each, order 0, and two of the match
  MATCH_CLASSES = 16,
  SHORTEST_MATCH = 4,
};

enum { LEARNING = 2 };  // neither encoding (0) nor decoding (1)

typedef struct {
  uint8_t *text;  // prior and coded bytes
  size_t position;
  pith_counter *table;
  uint32_t mask;
  uint32_t *places;  // last position after a hash of SHORTEST_MATCH bytes
  uint32_t place_mask;
  size_t match, match_length;
  uint32_t hashes[ORDERS];
  pith_counter order0[256];
  pith_counter matched[MATCH_CLASSES];
  int32_t weights[MATCH_CLASSES][INPUTS];
  uint32_t word;
} byte_model;

static void release_model(byte_model *model) {
  free(model->text);
  free(model->table);
  free(model->places);
  free(model);
}

static byte_model *make_model(size_t total) {
  byte_model *model = calloc(1, sizeof *model);
  if (!model) return NULL;
  uint32_t bits = 16;
  while (bits < 22 && ((size_t)1 << bits) < total * 128) bits++;
  model->mask = (1u << bits) - 1;
  model->place_mask = (1u << (bits - 4)) - 1;
  model->text = malloc(total + 1);
  model->table = malloc(((size_t)1 << bits) * sizeof(pith_counter));
  model->places = calloc((size_t)1 << (bits - 4), sizeof(uint32_t));
  if (!model->text || !model->table || !model->places) {
    release_model(model);
    return NULL;
  }
  pith_counters_fill(model->table, (size_t)1 << bits, PITH_UNKNOWN);
  pith_counters_fill(model->order0, 256, PITH_EVEN);
  for (int index = 0; index < MATCH_CLASSES; index++)
    model->matched[index] = pith_counter_at(65535u - 32768u / (uint32_t)(index + 2));
  for (int set = 0; set < MATCH_CLASSES; set++)
    for (int input = 0; input < INPUTS; input++)
      model->weights[set][input] = input < 2 * ORDERS ? (input & 1 ? 3000 : 22000) : 14000;
  return model;
}

static uint32_t hash(uint32_t value, uint32_t salt) {
  value = (value + salt * 0x9e3779b9u) * 0x85ebca6bu;
  value ^= value >> 15;
  value *= 0xc2b2ae35u;
  return value ^ value >> 13;
}

static uint32_t past(const byte_model *model, size_t distance) {
  return model->position >= distance ? model->text[model->position - distance] : 0;
}

// Prepares the contexts of the next byte.
static void start_byte(byte_model *model) {
  uint32_t history = 0;
  for (uint32_t order = 1; order <= 4; order++) {
    history |= past(model, order) << (8 * (order - 1));
    model->hashes[order - 1] = hash(history, order);
  }
  uint32_t longer = hash(history, 20) + past(model, 5);
  model->hashes[4] = hash(longer, 5);
  longer = hash(hash(longer, 21) + past(model, 6), 23);
  model->hashes[5] = hash(longer + past(model, 7) * 256 + past(model, 8), 6);
  model->hashes[6] = hash(model->word, 7);
  model->hashes[7] = hash(past(model, 2) | past(model, 3) << 8, 8);  // skips the last byte
}

// Follows the text after an earlier place like this one.
static void find_match(byte_model *model) {
  if (model->match_length > 0 && model->text[model->match] == model->text[model->position - 1]) {
    model->match++;
    model->match_length++;
  } else {
    model->match_length = 0;
  }
  if (model->position < SHORTEST_MATCH) return;
  uint32_t key = 0;
  for (size_t back = 1; back <= SHORTEST_MATCH; back++) key = key << 8 | past(model, back);
  uint32_t *place = &model->places[hash(key, 9) & model->place_mask];
  if (model->match_length == 0 && *place > 0) {
    model->match = *place;
    while (model->match_length < 64 && model->match_length < model->match &&
           model->text[model->match - 1 - model->match_length] ==
               model->text[model->position - 1 - model->match_length])
      model->match_length++;
    if (model->match_length < SHORTEST_MATCH) model->match_length = 0;
  }
  *place = (uint32_t)model->position;
}

static void end_byte(byte_model *model, uint8_t byte) {
  model->text[model->position++] = byte;
  int letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 128;
  model->word = letter ? hash(model->word + byte, 10) : byte < '0' ? 0 : model->word;
  find_match(model);
}

static uint32_t match_class(const byte_model *model) {
  size_t length = model->match_length;
  return (uint32_t)(length < 8 ? length : length < 24 ? 8 + (length - 8) / 4 : length < 32 ? 12
                                                                          : length < 64 ? 13 : 14);
}

// Codes one bit of a byte of which `node` (a leading one and the bits so far) is known.
PITH_INLINE int code_bit(pith_coder *c, byte_model *model, uint32_t node, int bit,
                         const int mode) {
  pith_counter *slots[ORDERS];
  int32_t logits[INPUTS];
  for (uint32_t order = 0; order < ORDERS; order++) {
    uint32_t index = (model->hashes[order] + node * 0x9e3779b1u);
    index ^= index >> 15;
    slots[order] = &model->table[index & model->mask];
    uint32_t counter = *slots[order], seen = counter & 1023;
    logits[2 * order] = pith_stretch(counter);
    int32_t lean = (int32_t)(counter >> 20) - 2048;
    logits[2 * order + 1] = seen == 0 ? 0 : lean * (int32_t)(seen > 6 ? 6 : seen) / 8;
  }
  logits[2 * ORDERS] = pith_stretch(model->order0[node]);
  uint32_t set = 0;
  int expected = -1;
  if (model->match_length > 0) {
    uint32_t predicted = model->text[model->match] | 256u;
    uint32_t depth = 31 - (uint32_t)__builtin_clz(node);
    if (predicted >> (8 - depth) == node) {
      set = match_class(model);
      expected = (predicted >> (7 - depth)) & 1;
    }
  }
  int32_t trust = expected < 0 ? 0 : pith_stretch(model->matched[set]);
  logits[2 * ORDERS + 1] = expected == 0 ? -trust : trust;
  logits[2 * ORDERS + 2] = expected < 0 ? 0 : expected ? 256 : -256;
  uint32_t probability = pith_mix(logits, model->weights[set], INPUTS);
  if (mode != LEARNING) bit = pith_code(c, probability, bit, mode);
  pith_mix_learn(logits, model->weights[set], INPUTS, bit, probability, 32);
  for (int order = 0; order < ORDERS; order++) pith_counter_update(slots[order], bit, 8);
  pith_counter_update(&model->order0[node], bit, 8);
  if (expected >= 0) pith_counter_update(&model->matched[set], bit == expected, 255);
  return bit;
}

PITH_INLINE uint8_t code_byte(pith_coder *c, byte_model *model, uint8_t byte, const int mode) {
  start_byte(model);
  uint32_t node = 1;
  for (int place = 7; place >= 0; place--)
    node = node << 1 | (uint32_t)code_bit(c, model, node, (byte >> place) & 1, mode);
  end_byte(model, (uint8_t)node);
  return (uint8_t)node;
}

PITH_INLINE int code_bytes(pith_coder *coder, const uint8_t *prior, size_t prior_count,
                           uint8_t *bytes, size_t count, const int mode) {
  byte_model *model = make_model(prior_count + count);
  if (!model) return -1;
  pith_coder c = *coder;
  for (size_t index = 0; index < prior_count; index++)
    code_byte(&c, model, prior[index], LEARNING);
  for (size_t index = 0; index < count; index++) {
    uint8_t byte = code_byte(&c, model, mode ? 0 : bytes[index], mode);
    if (mode) bytes[index] = byte;
  }
  *coder = c;
  release_model(model);
  return 0;
}

int pith_encode_bytes(pith_coder *coder, const uint8_t *prior, size_t prior_count,
                      const uint8_t *bytes, size_t count) {
  return code_bytes(coder, prior, prior_count, (uint8_t *)bytes, count, 0);
}

int pith_decode_bytes(pith_coder *coder, const uint8_t *prior, size_t prior_count, uint8_t *bytes,
                      size_t count) {
  return code_bytes(coder, prior, prior_count, bytes, count, 1);
}
