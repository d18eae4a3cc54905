import CDNNL
import CPithKernels

/// The kernels library and the threads that its kernels run on.
public enum KernelLibrary {
  /// Name and version, such as "oneDNN 3.7.1".
  public static var version: String {
    guard let version = dnnl_version()?.pointee else { return "oneDNN" }
    return "oneDNN \(version.major).\(version.minor).\(version.patch)"
  }

  /// The newest instructions that kernels are made for here, such as "AVX-512 with VNNI".
  public static var instructionSet: String {
    // The library can be held to less only before it is asked.
    _ = Engine.shared
    return switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "SSE4.1"
    case dnnl_cpu_isa_avx: "AVX"
    case dnnl_cpu_isa_avx2: "AVX2"
    case dnnl_cpu_isa_avx2_vnni: "AVX2 with VNNI"
    case dnnl_cpu_isa_avx2_vnni_2: "AVX2 with VNNI, float16 and bfloat16"
    case dnnl_cpu_isa_avx512_core: "AVX-512"
    case dnnl_cpu_isa_avx512_core_vnni: "AVX-512 with VNNI"
    case dnnl_cpu_isa_avx512_core_bf16: "AVX-512 with VNNI and bfloat16"
    case dnnl_cpu_isa_avx512_core_fp16: "AVX-512 with float16"
    case dnnl_cpu_isa_avx512_core_amx: "AVX-512 with AMX"
    case dnnl_cpu_isa_avx512_core_amx_fp16: "AVX-512 with AMX and float16"
    default: "the processor's best"
    }
  }

  /// Threads that kernels use.
  public static var threads: Int {
    get { Int(pith_threads()) }
    set { pith_set_threads(Int32(clamping: max(1, newValue))) }
  }
}
