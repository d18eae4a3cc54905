// The processor's instructions that kernels may use.

#ifndef PITH_INSTRUCTIONS_H
#define PITH_INSTRUCTIONS_H

/// Families of kernels, each a superset of the one before.
enum pith_instructions {
  PITH_PORTABLE,
  PITH_AVX2,
  /// AVX-512 F, BW, DQ and VL.
  PITH_AVX512,
  /// AVX-512 with VBMI too.
  PITH_AVX512_VBMI,
};

/// The most that the environment variable `PITH_MAX_ISA` allows: `portable`, `avx2`, `avx512`;
/// everything where it is not set or says something else.
enum pith_instructions pith_instruction_limit(void);

/// The best that this processor has within that limit; found out once.
enum pith_instructions pith_instructions(void);

#endif
