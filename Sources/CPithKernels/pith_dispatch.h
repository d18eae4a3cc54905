#ifndef PITH_DISPATCH_H
#define PITH_DISPATCH_H

#include "pith_instructions.h"

/// Defines a function without result that is compiled once per family of processors; a call runs
/// the best that the processor has and `PITH_MAX_ISA` allows. The body follows:
///
///     PITH_DISPATCHED(add, (float *x, size_t count), (x, count)) { ... }
#if defined(__x86_64__)
#define PITH_DISPATCHED(name, parameters, arguments)                                       \
  static inline __attribute__((always_inline)) void name##_body parameters;                \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))) static void       \
      name##_avx512 parameters {                                                           \
    name##_body arguments;                                                                 \
  }                                                                                        \
  __attribute__((target("avx2,fma"))) static void name##_avx2 parameters {                 \
    name##_body arguments;                                                                 \
  }                                                                                        \
  static void name##_portable parameters { name##_body arguments; }                        \
  static void name parameters {                                                            \
    enum pith_instructions level = pith_instructions();                                    \
    if (level >= PITH_AVX512)                                                              \
      name##_avx512 arguments;                                                             \
    else if (level >= PITH_AVX2)                                                           \
      name##_avx2 arguments;                                                               \
    else                                                                                   \
      name##_portable arguments;                                                           \
  }                                                                                        \
  static inline __attribute__((always_inline)) void name##_body parameters
#else
#define PITH_DISPATCHED(name, parameters, arguments) static void name parameters
#endif

#endif
