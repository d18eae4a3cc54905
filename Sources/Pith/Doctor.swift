public import Foundation
import PithData
import PithKernels
public import PithReports

/// What `pith doctor` finds out about the machine and the set-up.
public struct DoctorReport: Report {
  /// One thing that was looked at.
  public struct Check: Codable, Sendable, Hashable {
    public var name: String
    public var value: String
    /// Whether nothing needs to be done about it.
    public var isGood: Bool
    /// What to do where it is not good.
    public var advice: String?
  }

  public var version: String
  public var machine: MachineDescription
  /// Words of the processor's features that kernels make use of.
  public var features: [String]
  public var kernels: String
  public var instructionSet: String
  public var threads: Int
  public var checks: [Check]

  public var isGood: Bool { checks.allSatisfy(\.isGood) }
}

/// Looks at the machine: what would make Pith slow, or stop it.
public enum Doctor {
  public static func examine(folder: URL, environment: [String: String]) -> DoctorReport {
    let machine = MachineDescription.current()
    return DoctorReport(
      version: pithVersion, machine: machine, features: features,
      kernels: KernelLibrary.version, instructionSet: KernelLibrary.instructionSet,
      threads: KernelLibrary.threads,
      checks: [
        ownKernelsCheck(environment), integerCheck, threadCheck(machine), waitCheck(environment),
        memoryCheck(machine), spaceCheck(folder),
        fashionCheck, energyCheck,
      ])
  }

  /// Where Debian's package dataset-fashion-mnist puts its files.
  public static let fashionFolder = "/usr/share/datasets/fashion-mnist"

  private static var features: [String] {
    let wanted = [
      "sse4_1", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni",
      "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16",
    ]
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return [] }
    let present = Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
    return wanted.filter(present.contains)
  }

  /// The family of Pith's own kernels, and whether it is held down.
  private static func ownKernelsCheck(_ environment: [String: String]) -> DoctorReport.Check {
    let limit = environment["PITH_MAX_ISA"]
    return DoctorReport.Check(
      name: "own kernels", value: ProcessorLevel.ownKernels, isGood: limit == nil,
      advice: limit.map { "PITH_MAX_ISA=\($0) may keep better ones from use; unset it" })
  }

  /// Whether 8-bit integers pay off, by a short measurement.
  private static var integerCheck: DoctorReport.Check {
    guard let speedup = IntegerTrial.speedup() else {
      return DoctorReport.Check(name: "int8", value: "not measured", isGood: true, advice: nil)
    }
    let times = "\((speedup * 10).rounded() / 10) times as fast as float"
    let sums =
      ProcessorLevel.sumsPairsInSixteenBits
      ? "products of bytes are summed in 16 bits: layers that could overflow run in float, exactly"
      : "products of bytes are summed in 32 bits"
    return DoctorReport.Check(
      name: "int8", value: "\(times); \(sums)", isGood: true,
      advice: speedup >= 1.1 ? nil : "quantized networks are smaller here, but no faster")
  }

  private static func threadCheck(_ machine: MachineDescription) -> DoctorReport.Check {
    let threads = KernelLibrary.threads
    return DoctorReport.Check(
      name: "threads", value: "\(threads) of \(machine.cores) cores",
      isGood: threads <= machine.cores,
      advice: threads <= machine.cores
        ? nil : "more threads than cores slow each other down; set OMP_NUM_THREADS lower")
  }

  private static func waitCheck(_ environment: [String: String]) -> DoctorReport.Check {
    let policy = environment["OMP_WAIT_POLICY"] ?? "unset"
    let isGood = policy.lowercased() == "passive"
    return DoctorReport.Check(
      name: "OMP_WAIT_POLICY", value: policy, isGood: isGood,
      advice: isGood ? nil : "threads that wait take time from those that work; set it to passive")
  }

  private static func memoryCheck(_ machine: MachineDescription) -> DoctorReport.Check {
    let isGood = machine.memoryBytes >= 2_000_000_000
    return DoctorReport.Check(
      name: "memory", value: Format.bytes(machine.memoryBytes), isGood: isGood,
      advice: isGood ? nil : "training needs about 2 GB")
  }

  private static func spaceCheck(_ folder: URL) -> DoctorReport.Check {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
    let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    let isGood = free.map { $0 >= 1_000_000_000 } ?? false
    return DoctorReport.Check(
      name: "free disk space", value: Format.bytes(free), isGood: isGood,
      advice: isGood ? nil : "runs keep checkpoints; make room in \(folder.path)")
  }

  private static var fashionCheck: DoctorReport.Check {
    let isThere = FileManager.default.fileExists(atPath: fashionFolder)
    return DoctorReport.Check(
      name: "Fashion-MNIST", value: isThere ? fashionFolder : "not found", isGood: isThere,
      advice: isThere ? nil : "the demo needs it: apt-get install dataset-fashion-mnist")
  }

  private static var energyCheck: DoctorReport.Check {
    DoctorReport.Check(
      name: "energy meter", value: EnergyMeter.joules == nil ? "not available" : "found",
      isGood: true, advice: nil)
  }
}
