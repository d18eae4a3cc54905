import CPithKernels

extension SymmetricMatrix {
  /// The order in which the weights of each row go, and what each removal costs, when the cheapest
  /// goes first and the others of the row make up for it; the matrix is the inverse of the Hessian.
  ///
  /// - Parameter rows: (rows, order), row-major.
  /// - Returns: nil where there is not enough memory.
  package func removals(rows: [Double]) -> [[(place: Int, loss: Double)]]? {
    guard order > 0 else { return [] }
    let count = rows.count / order
    var places = [UInt32](repeating: 0, count: count * order)
    var losses = [Double](repeating: 0, count: count * order)
    guard pith_removal_order(elements, order, rows, count, &places, &losses) != 0 else {
      return nil
    }
    return (0..<count).map { row in
      (row * order..<(row + 1) * order).map { (Int(places[$0]), losses[$0]) }
    }
  }
}
