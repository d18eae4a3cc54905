extension HTMLReport {
  /// The command and the recipe that give these results again.
  var reproductionSection: Markup {
    Self.section("reproduction", "How to reproduce") {
      if !report.command.isEmpty {
        Markup("pre", ["class": "command", "tabindex": "0"]) { Markup("code") { report.command } }
      }
      if !report.recipe.isEmpty {
        Markup("h3") { "Recipe, everything resolved" }
        Markup("pre", ["tabindex": "0"]) { Markup("code") { report.recipe } }
      }
      Markup("p", ["class": "note"]) {
        "The same recipe, seed (\(report.seed)) and number of threads (\(report.threads)) give the "
          + "same bits on the same kind of processor."
      }
    }
  }

  /// Where it was measured, with what, and the files that were written.
  var machineSection: Markup {
    Self.section("machine", "Machine, versions, files") {
      Markup("dl", ["class": "facts"]) {
        for (name, value) in machineFacts {
          Markup("div") {
            Markup("dt") { name }
            Markup("dd") { DisplayText.brief(value) }
          }
        }
      }
    }
  }

  private var machineFacts: [(String, String)] {
    var facts: [(String, String)] = []
    if let machine = report.machine {
      facts.append(("processor", machine.processor))
      facts.append(("cores", "\(machine.cores), of which \(report.threads) used"))
      facts.append(("memory", Format.bytes(machine.memoryBytes)))
      facts.append(("operating system", machine.operatingSystem))
    } else {
      facts.append(("threads", "\(report.threads)"))
    }
    facts.append(("Pith", report.version))
    if let runtime = report.runtime { facts.append(("runtime", runtime)) }
    if let data = report.data { facts.append(("data", data)) }
    let files = report.files
    facts.append(
      ("files", [files.onnx, files.pith, files.report].compactMap(\.self).joined(separator: ", ")))
    return facts
  }
}
