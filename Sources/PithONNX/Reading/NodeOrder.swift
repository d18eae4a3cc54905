/// An order in which the nodes of a file can run: the file's own where that will do.
struct NodeOrder {
  let order: [Int]

  init(_ nodes: [OnnxNodeProto], _ names: FileNames) throws(ONNXError) {
    var waiting = [[Int]](repeating: [], count: nodes.count)
    var missing = [Int](repeating: 0, count: nodes.count)
    var isSorted = true
    for (index, node) in nodes.enumerated() {
      let sources = Set(
        (node.input + node.attribute.captured).compactMap { names.producers[$0] })
      missing[index] = sources.count
      for source in sources {
        waiting[source].append(index)
        if source >= index { isSorted = false }
      }
    }
    if isSorted {
      order = Array(nodes.indices)
      return
    }
    var order = nodes.indices.filter { missing[$0] == 0 }
    var head = 0
    while head < order.count {
      for index in waiting[order[head]] {
        missing[index] -= 1
        if missing[index] == 0 { order.append(index) }
      }
      head += 1
    }
    guard order.count == nodes.count else {
      let stuck = nodes.indices.filter { missing[$0] > 0 }.prefix(5)
      throw .graph(
        "nodes wait for each other in a circle: "
          + stuck.map { "'\(nodes[$0].name)' (\(nodes[$0].opType))" }.joined(separator: ", "))
    }
    self.order = order
  }
}
