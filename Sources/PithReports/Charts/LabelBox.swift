/// A place on a picture that is taken, by a mark or by words.
struct LabelBox {
  var left, right, top, bottom: Double

  init(center: (Double, Double), width: Double, height: Double) {
    (left, right) = (center.0 - width / 2, center.0 + width / 2)
    (top, bottom) = (center.1 - height / 2, center.1 + height / 2)
  }

  func overlaps(_ other: LabelBox) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }
}
