#include "pith_instructions.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum pith_instructions pith_instruction_limit(void) {
  const char *word = getenv("PITH_MAX_ISA");
  if (!word) return PITH_AVX512_VBMI;
  if (!strcmp(word, "portable")) return PITH_PORTABLE;
  if (!strcmp(word, "avx2")) return PITH_AVX2;
  if (!strcmp(word, "avx512")) return PITH_AVX512;
  return PITH_AVX512_VBMI;
}

static enum pith_instructions present(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return PITH_PORTABLE;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
    return PITH_AVX2;
  return __builtin_cpu_supports("avx512vbmi") ? PITH_AVX512_VBMI : PITH_AVX512;
#else
  return PITH_PORTABLE;
#endif
}

enum pith_instructions pith_instructions(void) {
  static atomic_int known = -1;
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level < 0) {
    enum pith_instructions most = pith_instruction_limit(), best = present();
    level = most < best ? (int)most : (int)best;
    atomic_store_explicit(&known, level, memory_order_relaxed);
  }
  return (enum pith_instructions)level;
}
