/// A table for the terminal, its columns aligned.
///
///     var table = TextTable(columns: [.init("layer"), .init("bytes", alignment: .trailing)])
///     table.add(["conv1", "3.3 KB"])
///     print(table.text(color: false), terminator: "")
public struct TextTable: Sendable {
  public enum Alignment: Sendable { case leading, trailing }

  /// The heading of a column and the side its cells stand on.
  public struct Column: Sendable {
    public var title: String
    public var alignment: Alignment
    /// Columns of the terminal beyond which the middle of a cell is left out.
    public var limit: Int

    public init(_ title: String, alignment: Alignment = .leading, limit: Int = 48) {
      self.title = title
      self.alignment = alignment
      self.limit = limit
    }
  }

  /// One cell; a plain string is a cell without style.
  public struct Cell: Sendable, ExpressibleByStringInterpolation {
    public var text: String
    public var style: TextStyle

    public init(_ text: String, style: TextStyle = .plain) {
      self.text = text
      self.style = style
    }

    public init(stringLiteral value: String) { self.init(value) }
  }

  public let columns: [Column]
  private var rows: [[Cell]] = []

  public init(columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells are empty, surplus ones are left out.
  public mutating func add(_ cells: [Cell]) {
    let missing = Swift.max(0, columns.count - cells.count)
    rows.append(cells.prefix(columns.count) + Array(repeating: "", count: missing))
  }

  /// The table, a line feed after each row; controls in cells are made visible.
  public func text(color: Bool) -> String {
    let titles = columns.map { Cell($0.title, style: .bold) }
    let lines = ([titles] + rows).map { row in
      zip(row, columns).map { cell, column in
        let text = DisplayText.shortened(DisplayText.visible(cell.text), to: column.limit)
        return Cell(text, style: cell.style)
      }
    }
    let widths = columns.indices.map { column in
      lines.map { DisplayText.width($0[column].text) }.max() ?? 0
    }
    var output = ""
    for (index, line) in lines.enumerated() {
      output += render(line, widths: widths, color: color) + "\n"
      if index == 0 { output += rule(widths: widths, color: color) + "\n" }
    }
    return output
  }

  private func render(_ line: [Cell], widths: [Int], color: Bool) -> String {
    var (output, column) = ("", 0)
    for (index, cell) in line.enumerated() where !cell.text.isEmpty {
      let width = DisplayText.width(cell.text)
      let indent = columns[index].alignment == .trailing ? widths[index] - width : 0
      let start = widths[..<index].reduce(2 * index, +) + indent
      output += String(repeating: " ", count: start - column)
      output += color ? cell.style.apply(to: cell.text) : cell.text
      column = start + width
    }
    return output
  }

  private func rule(widths: [Int], color: Bool) -> String {
    let line = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return color ? TextStyle.faint.apply(to: line) : line
  }
}
