// Coders of floating-point numbers and of whole numbers of any size.

#ifndef PITH_NUMBER_CODER_H
#define PITH_NUMBER_CODER_H

#include "pith_arithmetic_coder.h"

/// What has been learned about the floating-point numbers of a stream, from tensor to tensor.
typedef struct pith_float_model pith_float_model;

pith_float_model *pith_float_model_create(void);
pith_float_model *pith_float_model_copy(const pith_float_model *model);
void pith_float_model_release(pith_float_model *model);

/// An IEEE-like format: `width` bits (16, 32 or 64), of which `exponent` follow the sign.
typedef struct {
  uint32_t width, exponent;
} pith_float_format;

/// Codes `count` little-endian numbers bit-exactly: exponents relative to the largest, signs and
/// leading fraction bits in context, the rest verbatim, trailing zero bits common to all left out.
void pith_encode_floats(pith_coder *coder, pith_float_model *model, pith_float_format format,
                        const uint8_t *bytes, size_t count);
void pith_decode_floats(pith_coder *coder, pith_float_model *model, pith_float_format format,
                        uint8_t *bytes, size_t count);

/// Codes a matrix of integer levels with the bins of DeepCABAC (ISO/IEC 15938-17): significance,
/// sign, greater-than-k flags in the context of the left and upper neighbours, and an Exp-Golomb
/// remainder. Returns 0, or -1 without memory.
int pith_encode_levels(pith_coder *coder, size_t rows, size_t columns, const int64_t *levels);
int pith_decode_levels(pith_coder *coder, size_t rows, size_t columns, int64_t *levels);

#endif
