extension HTMLReport {
  /// What was done, with every setting and how long it took.
  var stepSection: Markup? {
    guard !report.steps.isEmpty else { return nil }
    return Self.section("steps", "Steps") {
      Markup("ol", ["class": "steps"]) {
        for step in report.steps { item(step) }
      }
    }
  }

  private func item(_ step: StepRecord) -> Markup {
    Markup("li") {
      Markup("h3") {
        DisplayText.brief(step.method)
        Markup("span", ["class": "time"]) { Format.duration(step.seconds) }
      }
      Markup("p", ["class": "effect"]) { effect(step) }
      if let notes = step.notes, !notes.isEmpty {
        Markup("ul", ["class": "notes"]) {
          for note in notes { Markup("li") { DisplayText.brief(note, limit: 2000) } }
        }
      }
      if !step.settings.isEmpty {
        Markup("dl", ["class": "settings"]) {
          for (name, value) in step.settings.sorted(by: { $0.key < $1.key }) {
            Markup("div") {
              Markup("dt") { DisplayText.brief(name) }
              Markup("dd") { DisplayText.brief(value.description) }
            }
          }
        }
      }
    }
  }

  private func effect(_ step: StepRecord) -> String {
    let (before, after) = (step.before, step.after)
    var parts: [String] = []
    if let old = before.smallestBytes, let new = after.smallestBytes {
      parts.append("\(Format.bytes(old)) → \(Format.bytes(new))")
    }
    if let old = before.top1, let new = after.top1 {
      parts.append("top-1 \(Format.percent(old)) → \(Format.percent(new))")
    }
    if before.nonzeroParameters != after.nonzeroParameters {
      parts.append(
        "non-zero parameters \(Format.count(before.nonzeroParameters)) → "
          + Format.count(after.nonzeroParameters))
    }
    if let old = before.macs, let new = after.macs, old != new {
      parts.append("multiply-accumulates \(Format.count(old)) → \(Format.count(new))")
    }
    return parts.joined(separator: " · ")
  }
}
