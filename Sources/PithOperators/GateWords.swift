import PithGraph
import PithKernels

/// The attributes by which recurrent operators name the functions of their gates: `activations`,
/// and the parameters of those that have some, in `activation_alpha` and `activation_beta`.
struct GateWords {
  private let words: [String]?
  private let alphas: [Float]
  private let betas: [Float]

  init(_ attributes: Attributes) throws(AttributeError) {
    switch attributes.values["activations"] {
    case .strings(let words): self.words = words
    case nil: words = nil
    default: throw .wrongType("activations", expected: "a list of words")
    }
    alphas = try attributes.floats("activation_alpha") ?? []
    betas = try attributes.floats("activation_beta") ?? []
  }

  /// The functions of each direction.
  func gates(_ usual: [Recurrence.Gate], directions: Int) throws(AttributeError)
    -> [[Recurrence.Gate]]
  {
    guard let words else { return (0..<directions).map { _ in usual } }
    guard words.count == usual.count * directions else {
      throw .invalid("activations", value: "\(words.count) words")
    }
    var (alphas, betas) = (self.alphas[...], self.betas[...])
    var gates: [Recurrence.Gate] = []
    for word in words { gates.append(try Self.gate(word, &alphas, &betas)) }
    return (0..<directions).map {
      Array(gates[($0 * usual.count)..<(($0 + 1) * usual.count)])
    }
  }

  /// Parameters that are not given have the defaults of the operators of the same name.
  private static func gate(
    _ word: String, _ alphas: inout ArraySlice<Float>, _ betas: inout ArraySlice<Float>
  ) throws(AttributeError) -> Recurrence.Gate {
    switch word.lowercased() {
    case "sigmoid": return .sigmoid
    case "tanh": return .tanh
    case "relu": return .relu
    case "softsign": return .softsign
    case "softplus": return .softplus
    case "affine": return .affine(alphas.popFirst() ?? 1, betas.popFirst() ?? 0)
    case "leakyrelu": return .leakyRelu(alphas.popFirst() ?? 0.01)
    case "thresholdedrelu": return .thresholdedRelu(alphas.popFirst() ?? 1)
    case "scaledtanh": return .scaledTanh(alphas.popFirst() ?? 1, betas.popFirst() ?? 1)
    case "hardsigmoid": return .hardSigmoid(alphas.popFirst() ?? 0.2, betas.popFirst() ?? 0.5)
    case "elu": return .elu(alphas.popFirst() ?? 1)
    default: throw .unsupported("activation '\(word)'")
    }
  }

  static func write(_ gates: [Recurrence.Gate], to values: inout [String: AttributeValue]) {
    var words: [String] = []
    var (alphas, betas) = ([Float](), [Float]())
    for gate in gates {
      switch gate {
      case .sigmoid: words.append("Sigmoid")
      case .tanh: words.append("Tanh")
      case .relu: words.append("Relu")
      case .softsign: words.append("Softsign")
      case .softplus: words.append("Softplus")
      case .affine(let a, let b):
        (words, alphas, betas) = (words + ["Affine"], alphas + [a], betas + [b])
      case .leakyRelu(let a): (words, alphas) = (words + ["LeakyRelu"], alphas + [a])
      case .thresholdedRelu(let a): (words, alphas) = (words + ["ThresholdedRelu"], alphas + [a])
      case .scaledTanh(let a, let b):
        (words, alphas, betas) = (words + ["ScaledTanh"], alphas + [a], betas + [b])
      case .hardSigmoid(let a, let b):
        (words, alphas, betas) = (words + ["HardSigmoid"], alphas + [a], betas + [b])
      case .elu(let a): (words, alphas) = (words + ["Elu"], alphas + [a])
      }
    }
    values["activations"] = .strings(words)
    if !alphas.isEmpty { values["activation_alpha"] = .floats(alphas) }
    if !betas.isEmpty { values["activation_beta"] = .floats(betas) }
  }
}
