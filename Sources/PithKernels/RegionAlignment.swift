import CPithKernels
public import PithTensors

/// Regions of images brought to one size: the mean or the largest of bilinear samples in each cell.
/// He et al., "Mask R-CNN", ICCV 2017.
public struct RegionAlignment: Sendable, Hashable {
  /// Samples along each side of a cell; 0 for as many as there are pixels.
  public var samples: Int
  public var scale: Float
  /// Whether coordinates are moved by half a pixel.
  public var isHalfPixel: Bool
  public var takesLargest: Bool

  public init(samples: Int, scale: Float, isHalfPixel: Bool, takesLargest: Bool) {
    self.samples = samples
    self.scale = scale
    self.isHalfPixel = isHalfPixel
    self.takesLargest = takesLargest
  }

  /// Inputs: images (N, C, H, W), regions (R, 4), the image of each region (R, int64). Output:
  /// (R, C, height, width).
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (images, regions) = (try request.input(0), try request.input(1))
    let result = try request.output(0).shape
    guard images.dtype == .float32, regions.dtype == .float32,
      try request.input(2).dtype == .int64
    else { throw .unsupported("regions of \(images.dtype.rawValue) images") }
    guard result.count > 0 else { return emptyKernel(request) }
    let job = pith_roi_align(
      images: images.shape[0], channels: images.shape[1], height: images.shape[2],
      width: images.shape[3], regions: regions.shape[0], output_height: result[2],
      output_width: result[3], samples: samples, scale: scale, offset: isHalfPixel ? 0.5 : 0,
      largest: takesLargest ? 1 : 0)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:regions"
    ) { buffers in
      var job = job
      let images = UnsafePointer(buffers.input(0, as: Float.self))
      let regions = UnsafePointer(buffers.input(1, as: Float.self))
      let places = UnsafePointer(buffers.input(2, as: Int64.self))
      let y = buffers.output(0, as: Float.self)
      return { pith_roi_align(&job, images, regions, places, y) }
    }
  }
}
