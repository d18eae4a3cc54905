/// A share as notes tell it: "12.5 %".
func percent(_ share: Double, decimals: Int = 1) -> String {
  "\(rounded(100 * share, decimals: decimals)) %"
}

/// A time as notes tell it: "0.125 ms".
func milliseconds(_ time: Double) -> String { "\(rounded(time, decimals: 3)) ms" }

private func rounded(_ number: Double, decimals: Int) -> Double {
  let scale = (0..<decimals).reduce(1.0) { scale, _ in 10 * scale }
  return (number * scale).rounded() / scale
}
