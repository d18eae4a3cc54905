import PithTensors
import PithTestSupport
import PithTraining
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private func factors(_ schedule: Schedule, of total: Int, warmup: Int = 0) -> [Float] {
    (0..<total).map { Float(schedule.factor(step: $0, of: total, warmup: warmup)) }
  }

  @Test("give the values of their formulas")
  func values() {
    expectClose(factors(.constant, of: 3), [1, 1, 1])
    expectClose(factors(.step, of: 8), [1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])
    // (1 + cos(pi t / 8)) / 2
    expectClose(
      factors(.cosine, of: 8),
      [1, 0.9619398, 0.8535534, 0.6913417, 0.5, 0.3086583, 0.1464466, 0.0380602])
    let cycle = factors(.oneCycle, of: 10)
    expectClose([cycle[0], cycle[3]], [0.04, 1])
    #expect(zip(cycle[0..<3], cycle[1...3]).allSatisfy { $0 < $1 })
    #expect(zip(cycle[3..<9], cycle[4...9]).allSatisfy { $0 > $1 })
    #expect(cycle[9] < 0.06)
  }

  @Test("rise during the warm-up and then run their course")
  func warmup() {
    expectClose(factors(.constant, of: 5, warmup: 3), [0.25, 0.5, 0.75, 1, 1])
    let warm = factors(.cosine, of: 10, warmup: 2)
    expectClose(Array(warm.dropFirst(2)), factors(.cosine, of: 8))
  }

  @Test("have a word each")
  func words() {
    #expect(Schedule.allCases.map(\.rawValue) == ["constant", "step", "cosine", "one-cycle"])
    #expect(Optimizer.allCases.map(\.rawValue) == ["sgd", "nesterov", "adam", "adamw"])
  }
}
