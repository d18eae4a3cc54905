import CLAPACKE
import COpenBLAS

/// A symmetric matrix in float64, row-major; sums are kept in the lower triangle alone.
package struct SymmetricMatrix: Sendable {
  package let order: Int
  /// order x order; of the part above the diagonal only `mirrored` says anything.
  package private(set) var elements: [Double]

  package init(order: Int) {
    self.order = order
    elements = [Double](repeating: 0, count: order * order)
  }

  /// - Parameter elements: row-major, order x order, of which the lower triangle counts.
  package init(_ elements: [Double], order: Int) {
    self.order = order
    self.elements = elements
  }

  package subscript(row: Int, column: Int) -> Double {
    get { elements[max(row, column) * order + min(row, column)] }
    set { elements[max(row, column) * order + min(row, column)] = newValue }
  }

  /// The library's own threads would get in the way of ours.
  private static let oneThread: Void = openblas_set_num_threads(1)

  /// Adds `scale` X^T X for rows X (count, order) of numbers, row-major.
  package mutating func addProducts(
    of rows: UnsafePointer<Double>, count: Int, scale: Double
  ) {
    guard count > 0, order > 0 else { return }
    _ = Self.oneThread
    let n = Int32(order)
    elements.withUnsafeMutableBufferPointer { sums in
      cblas_dsyrk(
        CblasRowMajor, CblasLower, CblasTrans, n, Int32(count), scale, rows, n, 1,
        sums.baseAddress, n)
    }
  }

  /// The matrix with its upper triangle filled in.
  package var mirrored: SymmetricMatrix {
    var result = self
    result.elements.withUnsafeMutableBufferPointer { values in
      for row in 0..<order {
        for column in 0..<row { values[column * order + row] = values[row * order + column] }
      }
    }
    return result
  }

  /// The inverse, both triangles filled in; nil where the matrix is not positive definite.
  package func inverse() -> SymmetricMatrix? {
    guard order > 0 else { return self }
    _ = Self.oneThread
    var result = self
    let n = Int32(order)
    // Row-major lower is column-major upper.
    let isDone = result.elements.withUnsafeMutableBufferPointer { values in
      LAPACKE_dpotrf(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), n, values.baseAddress, n) == 0
        && LAPACKE_dpotri(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), n, values.baseAddress, n) == 0
    }
    return isDone ? result.mirrored : nil
  }

  /// The x of A x = b where A is the matrix's rows and columns at `places`; nil where that is not
  /// positive definite.
  package func solution(at places: [Int], _ right: [Double]) -> [Double]? {
    solutions(at: places, right, count: 1)
  }

  /// The same for several b at once: both they and the x stand one after the other.
  package func solutions(at places: [Int], _ right: [Double], count: Int) -> [Double]? {
    guard !places.isEmpty, count > 0 else { return [] }
    _ = Self.oneThread
    let size = places.count
    var part = [Double](repeating: 0, count: size * size)
    for (row, place) in places.enumerated() {
      for column in 0...row { part[row * size + column] = self[place, places[column]] }
    }
    var result = right
    let n = Int32(size)
    let status = part.withUnsafeMutableBufferPointer { part in
      result.withUnsafeMutableBufferPointer { result in
        LAPACKE_dposv(
          LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), n, Int32(count), part.baseAddress, n,
          result.baseAddress, n)
      }
    }
    return status == 0 ? result : nil
  }

  /// A x.
  package func times(_ vector: [Double]) -> [Double] {
    guard order > 0 else { return [] }
    _ = Self.oneThread
    let n = Int32(order)
    var result = [Double](repeating: 0, count: order)
    cblas_dsymv(CblasRowMajor, CblasLower, n, 1, elements, n, vector, 1, 0, &result, 1)
    return result
  }
}
