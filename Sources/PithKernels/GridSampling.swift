import CDNNL
import CPithKernels
public import PithTensors

/// How images are looked at where a grid says.
public struct GridSampling: Sendable, Hashable {
  public enum Mode: String, Sendable, CaseIterable { case nearest, linear, cubic }
  /// What lies outside of an image.
  public enum Padding: String, Sendable, CaseIterable { case zeros, border, reflection }

  public var mode: Mode
  public var padding: Padding
  /// Whether -1 and 1 are the centres of the outermost elements, not their outer edges.
  public var alignsCorners: Bool

  public init(
    mode: Mode = .linear, padding: Padding = .zeros, alignsCorners: Bool = false
  ) {
    self.mode = mode
    self.padding = padding
    self.alignsCorners = alignsCorners
  }

  private func description(_ images: KernelRequest.Operand, _ grid: KernelRequest.Operand)
    throws(KernelError) -> pith_grid_sampling
  {
    let axes = images.shape.rank - 2
    guard (1...Int(PITH_MAX_SAMPLED_AXES)).contains(axes) else {
      throw .unsupported("sampling along \(axes) axes")
    }
    guard images.dtype == .float32, grid.dtype == .float32 else {
      throw .unsupported("\(images.dtype.rawValue) elements")
    }
    var form = pith_grid_sampling()
    form.axes = Int32(axes)
    form.mode =
      switch mode {
      case .nearest: PITH_SAMPLE_NEAREST
      case .linear: PITH_SAMPLE_LINEAR
      case .cubic: PITH_SAMPLE_CUBIC
      }
    form.padding =
      switch padding {
      case .zeros: PITH_PAD_ZEROS
      case .border: PITH_PAD_BORDER
      case .reflection: PITH_PAD_REFLECTION
      }
    form.aligned = alignsCorners ? 1 : 0
    form.images = images.shape[0]
    form.channels = images.shape[1]
    form.points = grid.shape.dimensions[1..<(grid.shape.rank - 1)].reduce(1, *)
    fill(&form.extents, images.shape.dimensions.dropFirst(2))
    return form
  }

  /// Inputs: images (N, C, spatial...), grid (N, places..., axes), whose coordinates run from -1 to
  /// 1 and have the last axis first. Output: (N, C, places...).
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let form = try description(request.input(0), request.input(1))
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:grid"
    ) { buffers in
      let (x, grid) = (buffers.input(0, as: Float.self), buffers.input(1, as: Float.self))
      let y = buffers.output(0, as: Float.self)
      return { withUnsafePointer(to: form) { pith_sample_grid($0, x, grid, y) } }
    }
  }

  /// Inputs: images, grid, and the gradient of the output; outputs: those of images and grid.
  public func gradientKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let form = try description(request.input(0), request.input(1))
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:grid"
    ) { buffers in
      let (x, grid) = (buffers.input(0, as: Float.self), buffers.input(1, as: Float.self))
      let upstream = buffers.input(2, as: Float.self)
      let dx = buffers.outputs[0]?.assumingMemoryBound(to: Float.self)
      let last = buffers.outputs.count > 1 ? buffers.outputs[1] : nil
      let dgrid = last?.assumingMemoryBound(to: Float.self)
      return {
        withUnsafePointer(to: form) {
          pith_sample_grid_gradient($0, x, grid, upstream, dx, dgrid)
        }
      }
    }
  }
}

extension Convolution {
  /// A convolution in two dimensions whose taps are moved. Inputs: data (N, C, H, W), weights,
  /// offsets (N, groups x taps x 2, rows, columns), biases and mask (N, groups x taps, rows,
  /// columns), the last two of which may be absent.
  public func deformedKernel(offsetGroups: Int, _ request: KernelRequest) throws(KernelError)
    -> KernelPlan
  {
    let (data, weights, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    for case let operand? in request.inputs where operand.dtype != .float32 {
      throw .unsupported("\(operand.dtype.rawValue) elements")
    }
    guard data.shape.rank == 4 else { throw .unsupported("rank \(data.shape.rank)") }
    var form = pith_deformable_window()
    (form.channels, form.height, form.width) = (data.shape[1], data.shape[2], data.shape[3])
    form.groups = offsetGroups
    fill(&form.kernel, window.kernel)
    fill(&form.positions, [result.shape[2], result.shape[3]])
    fill(&form.strides, window.strides)
    fill(&form.dilations, window.dilations)
    fill(&form.begins, window.padsBegin)
    let positions = result.shape[2] * result.shape[3]
    let depth = weights.shape.dimensions.dropFirst().reduce(1, *)
    let (images, filters, groups) = (data.shape[0], weights.shape[0] / self.groups, self.groups)
    let (terms, overflow) = (depth * groups).multipliedReportingOverflow(by: positions)
    guard !overflow, terms <= 1 << 32 else { throw .unsupported("a window of \(depth) elements") }
    let taps = window.kernel.reduce(1, *)
    let (plane, shifts) = (
      form.channels * form.height * form.width, offsetGroups * taps * positions
    )
    let isEmpty = images * filters * positions == 0
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs,
      scratchBytes: max(terms, 1) * MemoryLayout<Float>.stride, implementation: "c:deformed"
    ) { buffers in
      func floats(_ index: Int) -> UnsafeMutablePointer<Float>? {
        (index < buffers.inputs.count ? buffers.inputs[index] : nil)?
          .assumingMemoryBound(to: Float.self)
      }
      let (x, w) = (buffers.input(0, as: Float.self), buffers.input(1, as: Float.self))
      let (offsets, y) = (buffers.input(2, as: Float.self), buffers.output(0, as: Float.self))
      let (bias, mask) = (floats(3), floats(4))
      let columns = buffers.scratch!.assumingMemoryBound(to: Float.self)
      return {
        guard !isEmpty else { return }
        for image in 0..<images {
          withUnsafePointer(to: form) {
            pith_deformed_columns(
              $0, x + image * plane, offsets + image * shifts * 2,
              mask.map { $0 + image * shifts }, columns)
          }
          let rows = y + image * groups * filters * positions
          for filter in 0..<(groups * filters) {
            for place in 0..<positions { rows[filter * positions + place] = bias?[filter] ?? 0 }
          }
          for group in 0..<groups {
            matrixProduct(
              0, 0, filters, positions, depth, w + group * filters * depth, depth,
              columns + group * depth * positions, positions, 1,
              rows + group * filters * positions, positions)
          }
        }
      }
    }
  }
}
