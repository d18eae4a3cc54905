extension HTMLReport {
  private static let layersInPicture = 24

  /// Bytes of each layer before and after, the largest first, as a picture.
  var layerSizeSection: Markup? {
    let sized = report.layers.filter { $0.bytesBefore != nil || $0.bytesAfter != nil }
      .sorted { largest($0) > largest($1) }
    guard !sized.isEmpty else { return nil }
    let shown = sized.prefix(Self.layersInPicture)
    let chart = BarChart(
      rows: shown.map {
        .init(label: DisplayText.brief($0.name), before: $0.bytesBefore, after: $0.bytesAfter)
      })
    return Self.section("layer-sizes", "Bytes per layer") {
      Markup("p", ["class": "legend"]) {
        Markup("span", ["class": "key before"])
        "in the original ONNX file"
        Markup("span", ["class": "key after"])
        hasArchive ? "in the archive" : "in the new ONNX file"
      }
      Markup("figure") {
        Self.picture(
          "layer-picture", title: "Bytes of each layer before and after",
          description: shown.map(Self.words).joined(separator: "; ")
        ) { chart.draw(width: $0) }
      }
      if sized.count > shown.count {
        Markup("p", ["class": "note"]) {
          "The \(shown.count) largest layers; the other \(sized.count - shown.count) are in the "
            + "table below."
        }
      }
    }
  }

  /// Shape, sparsity, bits and bytes of every layer.
  var layerTableSection: Markup? {
    guard !report.layers.isEmpty else { return nil }
    return Self.section("layers", "Sparsity and bits per layer") {
      Self.scrolling("Sparsity and bits per layer") {
        Markup("table", ["class": "layers"]) {
          Markup("thead") {
            Markup("tr") {
              Markup("th", ["scope": "col"]) { "layer" }
              Markup("th", ["scope": "col"]) { "weights" }
              Markup("th", ["scope": "col", "class": "number"]) { "parameters" }
              Markup("th", ["scope": "col", "class": "gauge"]) { "zeros" }
              Markup("th", ["scope": "col", "class": "gauge"]) { "bits per weight" }
              Markup("th", ["scope": "col", "class": "number"]) { "before" }
              Markup("th", ["scope": "col", "class": "number"]) { "after" }
              Markup("th", ["scope": "col", "class": "number"]) { "ratio" }
            }
          }
          Markup("tbody") { for layer in report.layers { layerRow(layer) } }
        }
      }
    }
  }

  private func layerRow(_ layer: LayerChange) -> Markup {
    Markup("tr") {
      Markup("th", ["scope": "row"]) {
        Markup("span", ["class": "name"]) { DisplayText.brief(layer.name) }
        Markup("span", ["class": "kind"]) { DisplayText.brief(layer.operator) }
      }
      Markup("td", ["class": "shape"]) {
        Format.shape(layer.weightShape)
        became(layer.weightShape, layer.after?.weightShape, Format.shape)
      }
      Markup("td", ["class": "number"]) {
        Format.exact(layer.parameters)
        became(layer.parameters, layer.after?.parameters) { Format.exact($0) }
      }
      Markup("td", ["class": "gauge"]) {
        meter(
          layer.after?.sparsity, Format.percent(layer.after?.sparsity, decimals: 1), style: "zeros")
      }
      Markup("td", ["class": "gauge"]) {
        meter(layer.after?.bits.map { $0 / 32 }, bits(layer), style: "bits")
      }
      Markup("td", ["class": "number"]) { Format.bytes(layer.bytesBefore) }
      Markup("td", ["class": "number"]) { Format.bytes(layer.bytesAfter) }
      Markup("td", ["class": "number"]) { ratio(layer) }
    }
  }

  /// What became of something, in a line of its own, where channels were removed.
  private func became<Value: Equatable>(
    _ before: Value, _ after: Value?, _ words: (Value) -> String
  ) -> Markup? {
    guard let after, after != before else { return nil }
    return Markup("span", ["class": "became"]) { "→ \(words(after))" }
  }

  /// A small bar with its value beside it.
  private func meter(_ fraction: Double?, _ words: String, style: String) -> Markup {
    guard let fraction, fraction.isFinite else { return Markup(escaping: words) }
    let percent = Format.fixed(Swift.min(Swift.max(fraction, 0), 1) * 100, decimals: 1)
    return Markup("span", ["class": "meter \(style)"]) {
      Markup("span", ["class": "track", "aria-hidden": "true"]) {
        Markup("span", ["style": "width:\(percent)%"])
      }
      Markup("span", ["class": "amount"]) { words }
    }
  }

  private func bits(_ layer: LayerChange) -> String {
    let after = layer.after?.bits.map(Format.bits)
    let before = layer.before?.bits.map(Format.bits)
    switch (before, after) {
    case (let before?, let after?): return before == after ? after : "\(before) → \(after)"
    case (_, let after?): return after
    case (_, nil): return layer.after == nil ? "removed" : Format.missing
    }
  }

  private static func words(_ layer: LayerChange) -> String {
    let (before, after) = (Format.bytes(layer.bytesBefore), Format.bytes(layer.bytesAfter))
    return "\(DisplayText.brief(layer.name)): \(before) to \(after)"
  }

  private func ratio(_ layer: LayerChange) -> String {
    guard let before = layer.bytesBefore, let after = layer.bytesAfter, after > 0, before > 0 else {
      return Format.missing
    }
    return Format.ratio(Double(before) / Double(after))
  }

  private var hasArchive: Bool { report.layers.contains { $0.after?.pithBytes != nil } }

  private func largest(_ layer: LayerChange) -> Int {
    Swift.max(layer.bytesBefore ?? 0, layer.bytesAfter ?? 0)
  }
}

extension LayerChange {
  /// Bytes in the original ONNX file.
  var bytesBefore: Int? { before?.onnxBytes }

  /// Bytes in the archive, or in the new ONNX file where there is none.
  var bytesAfter: Int? { after?.pithBytes ?? after?.onnxBytes }
}
