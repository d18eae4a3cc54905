// Context-mixing coder of a matrix of small symbols, one of which (zero) may be frequent.

#ifndef PITH_SYMBOL_MAP_H
#define PITH_SYMBOL_MAP_H

#include "pith_arithmetic_coder.h"

/// What encoder and decoder agree on before the first symbol.
typedef struct {
  size_t rows, columns;  // raster of the matrix, row by row
  size_t inner;          // columns that belong to one kernel; divides `columns`
  uint32_t symbols;      // size of the alphabet, 2...256
  uint32_t zero;         // the frequent symbol, or `symbols` when there is none
  uint32_t density;      // share of other symbols in 1/65536, 1...65535
  size_t lags[2];        // distances of earlier elements that resemble an element, at least 1
} pith_symbol_map;

/// Codes rows * columns symbols, each below `symbols`. Returns 0, or -1 without memory.
int pith_encode_symbols(pith_coder *coder, const pith_symbol_map *map, const uint8_t *symbols);
int pith_decode_symbols(pith_coder *coder, const pith_symbol_map *map, uint8_t *symbols);

/// How many of the set bits of a map of `count` bits are set again `lag` bits further.
size_t pith_coincidences(const uint64_t *bits, size_t count, size_t lag);

#endif
