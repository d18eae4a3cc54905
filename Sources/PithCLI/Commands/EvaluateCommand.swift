import ArgumentParser
import Foundation
import Pith
import PithData
import PithReports

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures the accuracy and loss of a classifier, or the error of a regression.")

  @Argument(help: "An ONNX model or a .pith archive.")
  var model: String

  @OptionGroup var data: DataOptions

  @Option(help: "The part of the data: train, validation or test (default: test, if there is one).")
  var split: String?

  @Option(help: "Use only the first N samples.")
  var limit: Int?

  @Option(help: "Samples that are run at once.")
  var batch = 128

  @OptionGroup var runtime: RuntimeOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var progress: ProgressOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    _ = try data.required()
    if !(1...65_536).contains(batch) { throw ValidationError("--batch must be 1 to 65536") }
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more") }
  }

  func run() throws {
    let console = Console(output)
    threads.apply()
    ProcessSetup.catchInterrupts()
    let model = try Model(reading: URL(fileURLWithPath: model))
    let data = try LabelledData(
      data.required(), preprocessing: data.preprocessing(), for: model.graph)
    console.detail("\(data.dataset.evaluation.count) samples, preprocessing \(data.preprocessing)")
    let printer = ProgressPrinter(progress.style, quiet: output.quiet)
    defer { printer.finish() }
    let report = try ModelEvaluation.run(
      model, on: data, split: split, limit: limit, batch: batch, sparse: runtime.exact,
      observer: printer.observer)
    printer.finish()
    try console.show(report) { text(report, isColored: console.isColored) }
    console.warn(report.warnings)
  }

  private func text(_ report: EvaluateReport, isColored: Bool) -> String {
    var table = TextTable(columns: [
      .init(report.model ?? ""), .init("", alignment: .trailing),
    ])
    if let error = report.meanSquaredError {
      table.add(["mean squared error", .init(Format.significant(error), style: .bold)])
    } else {
      table.add(["top-1 accuracy", .init(Format.percent(report.top1), style: .bold)])
      if report.top5 != nil { table.add(["top-5 accuracy", .init(Format.percent(report.top5))]) }
      table.add(["loss", .init(Format.loss(report.loss))])
    }
    table.add(["samples", .init(Format.exact(report.samples))])
    table.add(["time", .init(Format.duration(report.seconds))])
    var text = table.text(color: isColored)
    if output.verbose, let confusion = report.confusion, confusion.count <= 100 {
      text += "\n" + classes(report.classNames ?? [], confusion).text(color: isColored)
    }
    return text
  }

  private func classes(_ names: [String], _ confusion: [[Int]]) -> TextTable {
    var table = TextTable(columns: [
      .init("class"), .init("samples", alignment: .trailing), .init("right", alignment: .trailing),
      .init("taken for most often"),
    ])
    func name(_ index: Int) -> String { index < names.count ? names[index] : String(index) }
    for (label, row) in confusion.enumerated() {
      let total = row.reduce(0, +)
      guard total > 0 else { continue }
      let wrong = row.indices.filter { $0 != label && row[$0] > 0 }.max { row[$0] < row[$1] }
      table.add([
        .init(name(label)), .init(Format.exact(total)),
        .init(Format.percent(Double(row[label]) / Double(total))),
        .init(wrong.map { "\(name($0)) (\(row[$0]))" } ?? ""),
      ])
    }
    return table
  }
}
