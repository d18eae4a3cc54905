/// Names that a file or user could give, each meant to break a document.
enum HostileText {
  static let all = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;b&gt; & &#60;",
    "]]></style><!-- --> <![CDATA[",
    "two\nlines\r\nand\ttabs",
    "controls \u{0}\u{1}\u{7}\u{1b}[31m\u{7f}\u{85}",
    "turned \u{202e}around\u{2066} \u{2028} \u{fffe}\u{ffff}",
    "javascript:alert(1)",
    "模型 é́ 👩‍👩‍👧 العربية",
    "",
    String(repeating: "long", count: 2500),
  ]
}
