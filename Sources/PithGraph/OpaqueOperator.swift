public import PithTensors

/// An operator that is not known here: carried from file to file untouched, never run.
public struct OpaqueOperator: Operator {
  public static let name = "Opaque"
  public let kind: String
  public let kindDomain: String
  public let attributes: Attributes
  /// Why it is not understood, where that is not simply because its name is unknown.
  public let reason: String?

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("an opaque operator is made by the reader alone")
  }

  public init(kind: String, domain: String, attributes: Attributes, reason: String? = nil) {
    self.kind = kind
    self.kindDomain = domain
    self.attributes = attributes
    self.reason = reason
  }

  public var name: String { kind }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { [] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    throw .unsupported("operator \(kindDomain.isEmpty ? "" : kindDomain + ".")\(kind)")
  }

  public static func == (left: OpaqueOperator, right: OpaqueOperator) -> Bool {
    left.kind == right.kind && left.kindDomain == right.kindDomain
      && left.attributes == right.attributes
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(kindDomain)
  }
}
