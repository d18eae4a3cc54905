import CDNNL
import PithTensors

/// oneDNN's processor engine and the stream that primitives run on: one of each per process.
///
/// Unchecked because the handles are opaque pointers; oneDNN's processor engine is immutable and
/// its stream has no state of its own, so both may be used from any thread.
final class Engine: @unchecked Sendable {
  static let shared = Engine()

  let handle: dnnl_engine_t?
  let stream: dnnl_stream_t?

  private init() {
    ProcessorLevel.limitLibrary()
    var engine: dnnl_engine_t?
    var stream: dnnl_stream_t?
    if dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success {
      _ = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue)
    }
    handle = engine
    self.stream = stream
  }
}

/// Throws unless a call of the library succeeded.
func check(_ status: dnnl_status_t, _ primitive: String) throws(KernelError) {
  guard status != dnnl_success else { return }
  if status == dnnl_unimplemented { throw .unsupported("\(primitive) on this processor") }
  throw .library(primitive: primitive, status: String(cString: dnnl_status2str(status)))
}

extension DType {
  /// The library's element type; nil where it has none.
  var library: dnnl_data_type_t? {
    switch self {
    case .float32: dnnl_f32
    case .float16: dnnl_f16
    case .bfloat16: dnnl_bf16
    case .float64: dnnl_f64
    case .int8: dnnl_s8
    case .uint8, .bool: dnnl_u8
    case .int32: dnnl_s32
    default: nil
    }
  }
}
