import PithCompression
import Testing

@Suite struct SparsityScheduleTests {
  /// s_t = s_f + (s_i - s_f) (1 - t / n)^3 (Zhu and Gupta 2017, equation 1), by hand.
  @Test(arguments: [
    (0, 0.0), (25, 0.4625), (50, 0.7), (75, 0.7875), (100, 0.8), (1000, 0.8),
  ])
  func gradual(step: Int, sparsity: Double) {
    let value = SparsitySchedule.gradual.sparsity(
      step: step, ramp: 100, initial: 0, final: 0.8, rounds: 1)
    #expect((value - sparsity).magnitude < 1e-12)
  }

  @Test func gradualFromAPrunedNetwork() {
    let value = SparsitySchedule.gradual.sparsity(
      step: 10, ramp: 20, initial: 0.5, final: 0.9, rounds: 1)
    #expect((value - 0.85).magnitude < 1e-12)
  }

  /// Each of three rounds keeps the same share of what is left: 0.027 = 0.3 x 0.3 x 0.3.
  @Test(arguments: [(0, 0.7), (3, 0.7), (4, 0.91), (7, 0.91), (8, 0.973), (12, 0.973)])
  func iterative(step: Int, sparsity: Double) {
    let value = SparsitySchedule.iterative.sparsity(
      step: step, ramp: 12, initial: 0, final: 0.973, rounds: 3)
    #expect((value - sparsity).magnitude < 1e-12)
  }

  @Test(arguments: SparsitySchedule.allCases)
  func neverLessThanAtTheStart(schedule: SparsitySchedule) {
    for step in 0..<30 {
      let value = schedule.sparsity(step: step, ramp: 20, initial: 0.6, final: 0.5, rounds: 4)
      #expect(value == 0.6)
    }
  }
}
