import ArgumentParser
import Foundation
import Pith
import PithReports

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Lists, shows and resumes earlier runs.",
    subcommands: [ListCommand.self, ShowCommand.self, ResumeCommand.self])

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists the runs and comparisons below a folder.")

    @Argument(help: "The folder that holds run folders.")
    var folder = "."

    @OptionGroup var output: OutputOptions

    func run() throws {
      let console = Console(output)
      let listing = try RunListing(below: URL(fileURLWithPath: folder))
      try console.show(listing) {
        var table = TextTable(columns: [
          .init("run"), .init("state"), .init("model"), .init("result", limit: 100),
        ])
        for run in listing.runs {
          table.add([
            .init(run.folder), .init(run.isFinished ? "finished" : "can be resumed"),
            .init(run.model ?? ""), .init(run.headline ?? ""),
          ])
        }
        return table.text(color: console.isColored)
      }
    }
  }

  struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows the result of a run or a comparison.")

    @Argument(help: "The folder of a run or a comparison.")
    var folder: String

    @OptionGroup var output: OutputOptions

    func run() throws {
      let comparison = ComparisonFolder(URL(fileURLWithPath: folder))
      if let report = try comparison.reached() {
        return try CompareSummary(Console(output)).show(report, comparison)
      }
      let folder = RunFolder(URL(fileURLWithPath: folder))
      try CompressSummary(Console(output)).show(folder.finishedReport(), folder, target: .init())
    }
  }

  struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resume",
      abstract: "Goes on with a run that was stopped, to the same result.")

    @Argument(help: "A run folder.")
    var folder: String

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      threads.apply()
      ProcessSetup.catchInterrupts()
      let printer = ProgressPrinter(progress.style, quiet: output.quiet)
      defer { printer.finish() }
      let comparison = ComparisonFolder(URL(fileURLWithPath: folder))
      if comparison.isBegun {
        let job = try ComparisonJob(resuming: comparison, observer: printer.observer)
        let report = try job.run()
        printer.finish()
        return try CompareSummary(Console(output)).show(report, comparison)
      }
      let folder = RunFolder(URL(fileURLWithPath: folder))
      let pipeline = try Pipeline(resuming: folder, observer: printer.observer)
      let report = try pipeline.run()
      printer.finish()
      try CompressSummary(Console(output)).show(report, folder, target: pipeline.target)
    }
  }
}
