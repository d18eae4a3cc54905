extension HTMLReport {
  /// The name of the model, what was achieved in one sentence, and with what.
  var header: Markup {
    Markup("header") {
      Markup("p", ["class": "brand"]) {
        Self.mark
        "Pith compression report"
      }
      Markup("h1") { DisplayText.brief(report.model) }
      Markup("p", ["class": "headline"]) { phrases("\(Headline(report)).", after: ",;") }
      Markup("p", ["class": "facts"]) { facts }
    }
  }

  /// The four figures that matter most.
  var tiles: Markup {
    Markup("div", ["class": "tiles"]) {
      sizeTile
      accuracyTile
      speedTile
      weightTile
    }
  }

  /// What the reader must know before trusting the figures.
  static func warnings(_ warnings: [String]) -> Markup? {
    guard !warnings.isEmpty else { return nil }
    return Markup("section", ["class": "warnings", "aria-label": "Warnings"]) {
      Markup("h2") { warnings.count == 1 ? "Warning" : "Warnings" }
      Markup("ul") {
        for warning in warnings { Markup("li") { DisplayText.brief(warning, limit: 2000) } }
      }
    }
  }

  private var facts: String {
    var facts = [Format.timestamp(report.created)]
    if let data = report.data { facts.append(DisplayText.brief(data)) }
    facts.append("seed \(report.seed)")
    facts.append("took \(Format.duration(report.seconds))")
    return facts.joined(separator: " · ")
  }

  private var sizeTile: Markup? {
    let (before, after) = (report.baseline.onnxBytes, report.result.smallestBytes)
    return ratioTile(
      before.map(Double.init), after.map(Double.init), "smaller", "larger",
      detail: "\(Format.bytes(before)) → \(Format.bytes(after))")
  }

  private var speedTile: Markup? {
    let (before, after) = (report.baseline.latencyMilliseconds, report.result.latencyMilliseconds)
    return ratioTile(
      before, after, "faster", "slower",
      detail: "\(Format.milliseconds(before)) → \(Format.milliseconds(after))")
  }

  private var accuracyTile: Markup {
    guard let after = report.result.top1 else {
      return tile(Format.missing, "top-1 accuracy", detail: "not measured: no data was given")
    }
    let detail = report.baseline.top1.map { before in
      "from \(Format.percent(before)), \(Format.points(after - before))"
    }
    return tile(
      Format.percent(after), "top-1 accuracy", detail: detail ?? "original not measured",
      isWorse: Comparison(report).rows.first?.verdict == .worse)
  }

  private var weightTile: Markup? {
    let (total, left) = (report.baseline.parameters, report.result.nonzeroParameters)
    guard total > 0 else { return nil }
    return tile(
      Format.percent(Double(left) / Double(total), decimals: 1), "parameters left",
      detail: "\(Format.count(left)) non-zero of \(Format.count(total))")
  }

  private func ratioTile(
    _ before: Double?, _ after: Double?, _ less: String, _ more: String, detail: String
  ) -> Markup? {
    guard let before, let after, before > 0, after > 0 else { return nil }
    let (change, verdict) = Comparison.shrinkage(before, after, less, more)
    let words = change.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2 else {
      return tile("1×", less == "faster" ? "as fast" : "as large", detail: detail)
    }
    return tile(words[0], words[1], detail: detail, isWorse: verdict == .worse)
  }

  private func tile(
    _ figure: String, _ label: String, detail: String, isWorse: Bool = false
  ) -> Markup {
    Markup("div", ["class": isWorse ? "tile worse" : "tile"]) {
      Markup("p", ["class": "figure"]) { figure }
      Markup("p", ["class": "label"]) { label }
      Markup("p", ["class": "detail"]) { phrases(detail, after: ",→") }
    }
  }

  /// Words that may be broken only after some of the punctuation marks.
  private func phrases(_ words: String, after marks: String) -> Markup {
    var phrases = [""]
    for word in words.split(separator: " ") {
      phrases[phrases.count - 1] += (phrases.last == "" ? "" : " ") + word
      if let last = word.last, marks.contains(last) { phrases.append("") }
    }
    return .joined(
      phrases.filter { !$0.isEmpty }.map { phrase in
        .joined([Markup("span", ["class": "phrase"]) { phrase }, Markup(escaping: " ")])
      })
  }

  /// The sign of Pith: what is left when everything around the core is taken away.
  static var mark: Markup {
    Markup("svg", ["viewBox": "0 0 20 20", "width": "20", "height": "20", "aria-hidden": "true"]) {
      Markup("circle", ["cx": "10", "cy": "10", "r": "8.5", "class": "rind"])
      Markup("circle", ["cx": "10", "cy": "10", "r": "3.5", "class": "core"])
    }
  }
}
