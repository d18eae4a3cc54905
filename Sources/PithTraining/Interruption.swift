import Synchronization

/// Whether the user asked the job to stop. Polled between steps; set by a signal handler.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Safe to call from a signal handler.
  public static func request() { flag.store(true, ordering: .relaxed) }

  public static func reset() { flag.store(false, ordering: .relaxed) }
}
