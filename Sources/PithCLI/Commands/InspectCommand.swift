import ArgumentParser
import Foundation
import Pith
import PithGraph
import PithReports

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows the layers, shapes, parameters, multiply-accumulates and bytes of a model.")

  @Argument(help: "An ONNX model or a .pith archive.")
  var model: String

  @Flag(
    help: """
      Shows the groups of channels that channel-pruning can remove, what one channel of each costs, \
      and what stays whole for which reason.
      """)
  var groups = false

  @Flag(
    help: """
      Shows the L1 norms of each layer's filters, from the largest to the least: layers whose norms \
      fall early can lose filters.
      """)
  var norms = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(output)
    let model = try Model(reading: URL(fileURLWithPath: model))
    var report = groups ? try Inspection.withGroups(model) : Inspection(model).report
    if norms { report.norms = Inspection.norms(of: model.graph) }
    try console.show(report) { text(report, isColored: console.isColored) }
    for note in model.warnings { console.note("note: \(note)") }
    if !report.unsupported.isEmpty {
      console.warn([
        "not supported, so the model cannot be run or trained: "
          + report.unsupported.joined(separator: ", ")
      ])
      for node in model.graph.unsupported {
        console.detail("node '\(node.node)' (\(node.operator)): \(node.reason)")
      }
    }
  }

  private func text(_ report: InspectReport, isColored: Bool) -> String {
    let tables = [
      report.groups.map {
        GroupTables(groups: $0, frozen: report.frozenGroups ?? []).text(isColored: isColored)
      },
      report.norms.map { NormTable($0).text(color: isColored) },
    ].compactMap(\.self)
    return tables.isEmpty ? layers(report, isColored: isColored) : tables.joined(separator: "\n")
  }

  private func layers(_ report: InspectReport, isColored: Bool) -> String {
    var layers = TextTable(columns: [
      .init("layer"), .init("operator"), .init("output", alignment: .trailing),
      .init("weight", alignment: .trailing), .init("parameters", alignment: .trailing),
      .init("MACs", alignment: .trailing), .init("zeros", alignment: .trailing),
      .init("bits", alignment: .trailing),
    ])
    for layer in report.layers {
      layers.add([
        .init(layer.name), .init(layer.operator), .init(shape(layer.outputShape)),
        .init(layer.weightShape.map { shape($0.map(PithReports.Dimension.fixed)) } ?? ""),
        .init(layer.parameters == 0 ? "" : Format.exact(layer.parameters)),
        .init(layer.macs == 0 ? "" : Format.count(layer.macs)),
        .init(layer.sparsity.map { Format.percent($0, decimals: 1) } ?? ""),
        .init(layer.bits.map(Format.bits) ?? ""),
      ])
    }
    var totals = TextTable(columns: [.init("total"), .init("", alignment: .trailing)])
    totals.add(["parameters", .init(Format.exact(report.parameters))])
    totals.add(["non-zero parameters", .init(Format.exact(report.nonzeroParameters))])
    totals.add(["multiply-accumulates", .init(Format.exact(report.macs))])
    totals.add(["file", .init("\(Format.exact(report.fileBytes)) B")])
    for (title, ports) in [("input", report.inputs), ("output", report.outputs)] {
      for port in ports {
        totals.add([.init("\(title) \(port.name)"), .init("\(port.type) \(shape(port.shape))")])
      }
    }
    return layers.text(color: isColored) + "\n" + totals.text(color: isColored)
  }

  private func shape(_ dimensions: [PithReports.Dimension]?) -> String {
    guard let dimensions else { return Format.missing }
    return dimensions.isEmpty ? "scalar" : dimensions.map(\.description).joined(separator: "x")
  }
}
