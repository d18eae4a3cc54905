package import PithGraph

/// How long each layer of a network takes by the channels that it reads and makes, a + b kept-in
/// kept-out, from times of the network with all groups of channels narrowed alike to some widths.
///
/// What steps take under a clock of their own need not add up to what the network takes: the sum is
/// stretched to agree with the whole networks.
package struct LatencyTable: Sendable {
  /// a + b kept-in kept-out of a layer.
  package struct Layer: Sendable, Hashable {
    /// The layer; `LayerWork.rest` for all that are none.
    package let name: String
    /// a, in milliseconds.
    package let fixed: Double
    /// b times all channels in and out: the milliseconds that shrink with the layer.
    package let shrinking: Double
  }

  /// A width that was measured.
  package struct Sample: Sendable, Hashable {
    /// The share of the whole network's time, as measured.
    package let measured: Double
    /// The same as the table says.
    package internal(set) var predicted: Double
  }

  /// The shares of each group's channels that are measured beside the whole.
  package static let widths = [0.75, 0.5, 0.25]

  package let layers: [Layer]
  package let samples: [Sample]
  /// For each layer the share of the network's time that goes with all of its work.
  private let shares: [String: Double]
  private let work: LayerWork

  /// Measures a network.
  ///
  /// - Parameters:
  ///   - groups: of the network.
  ///   - bound: the network with the known shapes that the groups were found in.
  ///   - batch: samples of a run.
  package init(
    of graph: Graph, _ groups: [PruningGroup], bound: Graph, batch: Int, _ timer: any LatencyTimer
  ) throws {
    let removals = Self.widths.map { width in
      groups.reduce(into: ChannelRemoval()) { removal, group in
        let kept = max(1, Int((width * Double(group.count)).rounded()))
        removal.remove(kept..<group.count, of: group)
      }
    }
    let networks = [graph] + (try removals.map { try graph.removing($0) })
    let profiles = try timer.profiles(of: networks, batch: batch)
    let work = LayerWork(bound)
    let saved = [[:]] + removals.map { work.saved(by: $0) }
    let layers = work.whole.keys.sorted().map { name in
      let whole = max(work.whole[name] ?? 0, 1)
      let points = zip(saved, profiles).map { saved, profile in
        (x: 1 - (saved[name] ?? 0) / whole, y: profile.time(of: name, amongst: work))
      }
      let line = NonNegativeLine(through: points)
      return Layer(name: name, fixed: line.constant, shrinking: line.slope)
    }
    (self.layers, self.work) = (layers, work)
    let total = max(layers.reduce(0) { $0 + $1.fixed + $1.shrinking }, 1e-9)
    // In the share of the time that is saved: measured = stretch x told.
    var samples = zip(saved, profiles).dropFirst().map { saved, profile in
      let told = layers.reduce(0) { sum, layer in
        sum + layer.shrinking * (saved[layer.name] ?? 0) / max(work.whole[layer.name] ?? 0, 1)
      }
      return Sample(
        measured: profile.whole / max(profiles[0].whole, 1e-9), predicted: 1 - told / total)
    }
    let shrinking = layers.reduce(0) { $0 + $1.shrinking } / total
    let stretch = min(Self.stretch(samples), 1 / max(shrinking, 1e-9))
    for index in samples.indices {
      samples[index].predicted = 1 - stretch * (1 - samples[index].predicted)
    }
    self.samples = samples
    shares = Dictionary(
      layers.map { ($0.name, stretch * $0.shrinking / total) }, uniquingKeysWith: +)
  }

  /// The b >= 0 with which b times what the table tells to be saved is nearest to what is saved.
  private static func stretch(_ samples: [Sample]) -> Double {
    let (told, both) = samples.reduce(into: (0.0, 0.0)) { sums, sample in
      sums.0 += (1 - sample.predicted) * (1 - sample.predicted)
      sums.1 += (1 - sample.predicted) * (1 - sample.measured)
    }
    return told > 0 ? max(both / told, 0) : 0
  }

  /// The share of the network's time that goes with a removal.
  package func saved(by removal: ChannelRemoval) -> Double {
    work.saved(by: removal).sorted { $0.key < $1.key }.reduce(0) { sum, layer in
      sum + (shares[layer.key] ?? 0) * layer.value / max(work.whole[layer.key] ?? 0, 1)
    }
  }

  /// The most by which what the table says of a width is off, as a share of its time.
  package var largestError: Double {
    samples.map { abs($0.predicted / max($0.measured, 1e-9) - 1) }.max() ?? 0
  }
}

extension LatencyProfile {
  /// The time of a layer, or of everything that is none.
  fileprivate func time(of name: String, amongst work: LayerWork) -> Double {
    guard name == LayerWork.rest else { return steps[name] ?? 0 }
    return steps.filter { work.whole[$0.key] == nil || $0.key == LayerWork.rest }
      .sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
  }
}
