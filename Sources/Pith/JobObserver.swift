public import PithReports

/// Who is told how a job goes on.
public struct JobObserver: Sendable {
  public var progress: @Sendable (ProgressLine) -> Void
  /// Something worth a line of its own.
  public var note: @Sendable (String) -> Void

  public init(
    progress: @escaping @Sendable (ProgressLine) -> Void = { _ in },
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.progress = progress
    self.note = note
  }
}
