#include "include/pith_checksum.h"

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu,
                      P3 = 0x165667B19E3779F9u, P4 = 0x85EBCA77C2B2AE63u,
                      P5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t value, int by) { return value << by | value >> (64 - by); }

static uint64_t load(const uint8_t *bytes, int count) {
  uint64_t value = 0;
  for (int index = 0; index < count; index++) value |= (uint64_t)bytes[index] << (8 * index);
  return value;
}

static uint64_t stir(uint64_t lane, uint64_t input) { return rotate(lane + input * P2, 31) * P1; }

uint64_t pith_xxh64(const uint8_t *bytes, size_t count) {
  const uint8_t *here = bytes, *end = bytes + count;
  uint64_t hash = P5;
  if (count >= 32) {
    uint64_t lanes[4] = {P1 + P2, P2, 0, 0 - P1};
    for (; end - here >= 32; here += 32)
      for (int lane = 0; lane < 4; lane++)
        lanes[lane] = stir(lanes[lane], load(here + 8 * lane, 8));
    hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
    for (int lane = 0; lane < 4; lane++) hash = (hash ^ stir(0, lanes[lane])) * P1 + P4;
  }
  hash += count;
  for (; end - here >= 8; here += 8) hash = rotate(hash ^ stir(0, load(here, 8)), 27) * P1 + P4;
  if (end - here >= 4) {
    hash = rotate(hash ^ load(here, 4) * P1, 23) * P2 + P3;
    here += 4;
  }
  for (; here < end; here++) hash = rotate(hash ^ *here * P5, 11) * P1;
  hash = (hash ^ hash >> 33) * P2;
  hash = (hash ^ hash >> 29) * P3;
  return hash ^ hash >> 32;
}
