import PithCompression
import PithGraph
import PithTensors
import Testing

@Suite("Channels of networks put together by chance")
struct RandomNetworksPruningTests {
  /// Chance removes channels of a group now and then, and what remains computes what the whole
  /// network does with them silent.
  @Test("can go: 500 networks", arguments: 0..<20)
  func removal(_ part: Int) throws {
    for seed in (part * 25)..<(part * 25 + 25) {
      let network = try RandomNetwork(seed: UInt64(seed))
      var random = Philox(seed: UInt64(seed), stream: 1)
      let groups = try network.graph.pruningGroups()
      #expect(!groups.groups.isEmpty, "seed \(seed): \(network.blocks)")
      var removal = ChannelRemoval()
      for group in groups.groups where random.uniform() < 0.7 {
        let order = random.permutation(group.count)
        removal.remove(order.prefix(Int(random.next() % UInt64(group.count))), of: group)
      }
      do {
        _ = try network.graph.removingChecked(removal, of: groups)
      } catch {
        Issue.record("seed \(seed), blocks \(network.blocks): \(error)")
      }
    }
  }

  /// A network that lost other channels than it is compared without is refused, and the node that
  /// makes them is named.
  @Test("are compared") func comparison() throws {
    let network = try RandomNetwork(seed: 3, blocks: [.chain]).graph
    let groups = try network.pruningGroups()
    let group = try #require(groups.groups.first { $0.count > 2 })
    let check = RemovalCheck(network, bound: groups.bound)
    let smaller = try network.removing(channels: [1], from: group)
    try check(smaller, without: ChannelRemoval([1], of: group))
    let error = #expect(throws: StructureError.self) {
      try check(smaller, without: ChannelRemoval([0], of: group))
    }
    #expect(error?.description.contains("node '\(group.name)'") == true, "\(group.name)")
  }

  /// What each block lets go: every one has channels of its own beside those of the layers around
  /// it.
  @Test("are found in every block", arguments: RandomNetwork.Block.allCases)
  func blocks(_ block: RandomNetwork.Block) throws {
    var found = 0
    for seed in 0..<4 as Range<UInt64> {
      let groups = try RandomNetwork(seed: seed, blocks: [block]).graph.pruningGroups()
      found = max(found, groups.groups.count { $0.count > 1 })
    }
    #expect(found >= 3)
  }
}
