extension SVG {
  /// Lines across the picture at round fractions, with their percentages to the left.
  mutating func percentAxis(_ scale: Scale, from left: Double, to right: Double) {
    let ticks = scale.ticks(about: 4)
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 0.01
    let decimals = step < 0.000_99 ? 2 : step < 0.009_9 ? 1 : 0
    for tick in ticks {
      let place = scale.position(tick)
      line(left, place, right, place, class: "grid")
      text(
        Format.percent(tick, decimals: decimals), x: left - 8, y: place + 4, anchor: .end,
        class: "tick")
    }
  }
}
