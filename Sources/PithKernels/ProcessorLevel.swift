import CDNNL
import CPithKernels

/// The families of instructions that kernels are made for, from the least to the most able.
///
/// The environment variable `PITH_MAX_ISA` (`portable`, `avx2`, `avx512`) holds all kernels to an
/// older family, so that those can be tried on a newer processor.
public enum ProcessorLevel: Int, Sendable, Comparable {
  /// What every processor of its kind has.
  case portable
  case avx2
  /// AVX-512 F, BW, DQ and VL.
  case avx512
  /// Products of bytes summed into 32 bits in one instruction; whatever is newer too.
  case vnni

  /// The level of the library's kernels here.
  public static var current: ProcessorLevel {
    _ = Engine.shared
    let isa = dnnl_get_effective_cpu_isa().rawValue
    func has(_ level: dnnl_cpu_isa_t) -> Bool { isa & level.rawValue == level.rawValue }
    if has(dnnl_cpu_isa_avx512_core_vnni) || has(dnnl_cpu_isa_avx2_vnni) { return .vnni }
    if has(dnnl_cpu_isa_avx512_core) { return .avx512 }
    return has(dnnl_cpu_isa_avx2) ? .avx2 : .portable
  }

  /// The family of our own C kernels in use.
  public static var ownKernels: String {
    switch pith_instructions() {
    case PITH_AVX512_VBMI: "AVX-512 with VBMI"
    case PITH_AVX512: "AVX-512"
    case PITH_AVX2: "AVX2"
    default: "portable"
    }
  }

  /// Whether a sum of two products, of an unsigned byte and a signed one each, is kept in 16 bits
  /// on its way and may not fit.
  public static var sumsPairsInSixteenBits: Bool {
    #if arch(x86_64)
      current < .vnni
    #else
      false
    #endif
  }

  public static func < (left: ProcessorLevel, right: ProcessorLevel) -> Bool {
    left.rawValue < right.rawValue
  }

  /// Holds the library to what `PITH_MAX_ISA` says; before its first use.
  static func limitLibrary() {
    switch pith_instruction_limit() {
    case PITH_PORTABLE: _ = dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41)
    case PITH_AVX2: _ = dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2)
    case PITH_AVX512: _ = dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core)
    default: break
    }
  }
}
