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
      Self.facts(machineFacts)
    }
  }

  private var machineFacts: [(String, String)] {
    var facts = Self.machineFacts(
      report.machine, threads: report.threads, version: report.version, runtime: report.runtime)
    if let data = report.data { facts.append(("data", data)) }
    let files = report.files
    facts.append(
      ("files", [files.onnx, files.pith, files.report].compactMap(\.self).joined(separator: ", ")))
    return facts
  }

  /// What results were measured on, and with.
  static func machineFacts(
    _ machine: MachineDescription?, threads: Int, version: String, runtime: String?
  ) -> [(String, String)] {
    var facts: [(String, String)] = []
    if let machine {
      facts.append(("processor", machine.processor))
      facts.append(("cores", "\(machine.cores), of which \(threads) used"))
      facts.append(("memory", Format.bytes(machine.memoryBytes)))
      facts.append(("operating system", machine.operatingSystem))
    } else {
      facts.append(("threads", "\(threads)"))
    }
    facts.append(("Pith", version))
    if let runtime { facts.append(("runtime", runtime)) }
    return facts
  }

  /// Names with what they stand for.
  static func facts(_ facts: [(String, String)]) -> Markup {
    Markup("dl", ["class": "facts"]) {
      for (name, value) in facts {
        Markup("div") {
          Markup("dt") { name }
          Markup("dd") { DisplayText.brief(value) }
        }
      }
    }
  }
}
