import Foundation

/// Runs ONNX's node tests: the folder that holds them is the argument, their names come on standard
/// input. Answers each name with a line of three columns: `passed`, `failed` or `unsupported`, the
/// name, the reason. `Scripts/conformance` drives it and goes on where it ends.
@main
struct ConformanceProgram {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: PithConformance FOLDER < names\n".utf8))
      exit(2)
    }
    let folder = URL(fileURLWithPath: CommandLine.arguments[1], isDirectory: true)
    while let name = readLine() {
      let verdict = NodeTest(folder.appendingPathComponent(name)).verdict
      let reason = verdict.reason.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let line = "\(verdict.word)\t\(name)\t\(reason)\n"
      FileHandle.standardOutput.write(Data(line.utf8))
    }
  }
}
