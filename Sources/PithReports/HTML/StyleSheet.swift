/// The look of the report: system fonts, few colours, figures of equal width.
///
/// Before is grey, after is blue, what is worse is orange: these differ in lightness too, so that
/// they can be told apart by everyone and in print.
enum StyleSheet {
  static let screen: StaticString = """
    :root {
      --ground: #ffffff; --panel: #f5f7f9; --ink: #1a1f24; --soft: #566069; --line: #d9dfe5;
      --before: #7d8893; --after: #0a5fbf; --tint: #bcd8f7; --worse: #a84b00; --on-after: #ffffff;
      --alarm: #fdf1e3; --hot: 60%;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --ground: #101418; --panel: #182026; --ink: #e7ebee; --soft: #a0abb5; --line: #2c363f;
        --before: #8f9ba6; --after: #74b4ff; --tint: #234a75; --worse: #ffad61; --on-after: #0b1a2b;
        --alarm: #2d2216; --hot: 45%;
      }
    }
    * { box-sizing: border-box; }
    html { background: var(--ground); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2.5rem 1.5rem 3rem; max-width: 58rem; color: var(--ink);
      background: var(--ground);
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans",
        "Liberation Sans", Arial, sans-serif;
      font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
    }
    h1, h2, h3, p, ul, ol, dl, figure, pre { margin: 0; }
    h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -0.015em; font-weight: 650; }
    h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; margin-bottom: 0.75rem; }
    h3 { font-size: 1rem; font-weight: 650; }
    section { margin-top: 2.75rem; }
    .brand {
      display: flex; align-items: center; gap: 0.5rem; margin-bottom: 0.9rem; color: var(--soft);
      font-size: 0.9rem;
    }
    .brand .rind { fill: none; stroke: var(--before); stroke-width: 1.5; stroke-dasharray: 2 2.45; }
    .brand .core { fill: var(--after); }
    .headline { margin-top: 0.6rem; font-size: 1.25rem; line-height: 1.4; }
    p.facts, .note { color: var(--soft); font-size: 0.875rem; }
    .phrase { white-space: nowrap; }
    p.facts { margin-top: 0.5rem; }
    .note { margin-top: 0.75rem; max-width: 46rem; }
    .tiles {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem;
      margin-top: 1.75rem;
    }
    .tile { padding: 1rem 1.1rem; border-radius: 0.6rem; background: var(--panel); }
    .tile .figure {
      font-size: 1.9rem; line-height: 1.15; font-weight: 650; letter-spacing: -0.02em;
      color: var(--after);
    }
    .tile.worse .figure { color: var(--worse); }
    .tile .label { font-weight: 600; }
    .tile .detail { color: var(--soft); font-size: 0.875rem; }
    .warnings {
      margin-top: 1.25rem; padding: 0.9rem 1.1rem; border-left: 4px solid var(--worse);
      border-radius: 0.25rem; background: var(--alarm);
    }
    .warnings h2 { font-size: 1rem; margin-bottom: 0.25rem; color: var(--worse); }
    .warnings ul { padding-left: 1.1rem; }
    .scroll { overflow-x: auto; }
    .scroll:focus-visible, pre:focus-visible {
      outline: 2px solid var(--after); outline-offset: 2px;
    }
    table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; line-height: 1.35; }
    th, td {
      padding: 0.5rem 0.75rem 0.5rem 0; text-align: left; border-bottom: 1px solid var(--line);
      vertical-align: baseline;
    }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { color: var(--soft); font-weight: 500; font-size: 0.875rem; white-space: nowrap; }
    tbody th { font-weight: 400; min-width: 7rem; }
    .number { text-align: right; white-space: nowrap; }
    .index { width: 3.5rem; white-space: nowrap; }
    .strong { font-weight: 650; }
    .comparison .change { padding-left: 1.5rem; }
    .comparison thead th:last-child { padding-left: 1.5rem; }
    .change.better { color: var(--after); }
    .change.worse { color: var(--worse); }
    .change.unknown, .change.same { color: var(--soft); }
    .layers .name, .layers .kind, .layers .became { display: block; }
    .layers .kind, .layers .shape { color: var(--soft); font-size: 0.8125rem; }
    .layers .shape { white-space: nowrap; }
    .layers td.gauge { padding-left: 0.75rem; }
    .layers th.gauge { padding-left: 0.75rem; }
    .meter { display: flex; align-items: center; gap: 0.5rem; white-space: nowrap; }
    .track {
      flex: none; width: 3.5rem; height: 0.5rem; border-radius: 0.25rem; background: var(--line);
      overflow: hidden;
    }
    .track span { display: block; height: 100%; background: var(--after); }
    .bits .track span { background: var(--before); }
    .steps { padding: 0; list-style: none; counter-reset: step; }
    .steps > li {
      position: relative; counter-increment: step; padding: 0 0 1.4rem 2.6rem;
      border-left: 2px solid var(--line); margin-left: 0.8rem;
    }
    .steps > li:last-child { border-color: transparent; padding-bottom: 0; }
    .steps > li::before {
      content: counter(step); position: absolute; left: -0.85rem; top: -0.1rem; width: 1.7rem;
      height: 1.7rem; border-radius: 50%; background: var(--after); color: var(--on-after);
      font-size: 0.875rem; font-weight: 650; line-height: 1.7rem; text-align: center;
    }
    .notes { margin: 0.3rem 0 0; padding-left: 1.1rem; color: var(--soft); font-size: 0.875rem; }
    .steps .time { margin-left: 0.6rem; color: var(--soft); font-weight: 400; }
    .settings { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: 0.5rem; }
    .settings div {
      display: flex; gap: 0.4rem; padding: 0.1rem 0.55rem; border-radius: 0.35rem;
      background: var(--panel); font-size: 0.875rem;
    }
    .settings dt { color: var(--soft); }
    .settings dd { margin: 0; }
    pre {
      padding: 0.9rem 1.1rem; border-radius: 0.6rem; background: var(--panel); font-size: 0.875rem;
      line-height: 1.5; white-space: pre-wrap;
    }
    pre + h3 { margin: 1.25rem 0 0.5rem; }
    code {
      font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono",
        monospace;
    }
    details { margin-top: 0.6rem; }
    summary { cursor: pointer; color: var(--soft); font-size: 0.9375rem; }
    details > pre, details > dl { margin-top: 0.5rem; }
    details + dl { margin-top: 1.25rem; }
    .methods { font-size: 0.8125rem; }
    .methods thead th { font-size: 0.8125rem; }
    .methods th, .methods td { padding-right: 0.4rem; }
    .methods tbody th { min-width: 8.5rem; }
    .methods .index { width: 2rem; color: var(--soft); }
    dl.facts div {
      display: grid; grid-template-columns: 10rem 1fr; gap: 0.75rem; padding: 0.4rem 0;
      border-bottom: 1px solid var(--line); font-size: 0.9375rem;
    }
    dl.facts dt { color: var(--soft); }
    dl.facts dd { margin: 0; }
    footer {
      margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft);
      font-size: 0.8125rem;
    }
    footer p + p { margin-top: 0.4rem; }
    .hidden {
      position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap;
    }

    """

  static let pictures: StaticString = """
    svg.wide, svg.narrow { display: block; width: 100%; height: auto; }
    svg.narrow { display: none; }
    svg text { font-size: 13px; fill: var(--ink); }
    svg .tick, svg .caption { font-size: 12px; fill: var(--soft); }
    svg .value { font-weight: 600; }
    svg .grid { stroke: var(--line); stroke-width: 1; }
    svg .axis { stroke: var(--soft); stroke-width: 1; }
    svg .band { fill: var(--before); opacity: 0.14; }
    svg .path { fill: none; stroke: var(--after); stroke-width: 2; stroke-linejoin: round; }
    svg .faint { stroke: var(--before); stroke-width: 1; opacity: 0.45; }
    svg .front { stroke-dasharray: 5 4; opacity: 0.7; }
    svg .spread { stroke: var(--after); stroke-width: 2; }
    svg .halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; }
    svg .dot { stroke-width: 2; }
    svg .dot.before { fill: var(--ground); stroke: var(--before); }
    svg .dot.after { fill: var(--after); stroke: var(--ground); }
    svg .aside { fill: var(--ground); stroke: var(--soft); stroke-width: 2; }
    svg .number { font-size: 11px; font-weight: 650; text-align: center; }
    svg .number.after { fill: var(--on-after); }
    svg .span { fill: var(--tint); }
    svg .span.worse { fill: var(--worse); opacity: 0.6; }
    .legend {
      display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem; color: var(--soft);
      font-size: 0.875rem; margin-bottom: 0.5rem;
    }
    .key { width: 0.8rem; height: 0.8rem; border-radius: 50%; border: 2px solid var(--before); }
    .key.after { margin-left: 0.9rem; background: var(--after); border-color: var(--after); }
    figure + .scroll, figure + figure { margin-top: 1rem; }
    .heat { width: auto; font-size: 0.8125rem; }
    .heat th, .heat td { border: 0; }
    .heat td {
      min-width: 2.9rem; padding: 0.4rem 0.3rem; text-align: right; border: 1px solid var(--ground);
    }
    .heat .right { background: color-mix(in srgb, var(--tint) var(--heat), var(--ground)); }
    .heat .wrong {
      --full: color-mix(in srgb, var(--worse) var(--hot), var(--ground));
      background: color-mix(in srgb, var(--full) var(--heat), var(--ground));
    }
    .heat .none { color: var(--soft); }
    .heat .sum { color: var(--soft); padding-left: 0.9rem; }
    .heat tbody th { padding-right: 0.75rem; white-space: nowrap; text-align: right; }
    .heat thead th { vertical-align: bottom; padding: 0 0.3rem 0.4rem; text-align: right; }
    .heat thead th span { display: inline-block; max-width: 6rem; white-space: nowrap; }
    .heat .corner { font-size: 0.75rem; }
    @media (max-width: 40rem) {
      body { padding: 1.5rem 1rem 2rem; }
      h1 { font-size: 1.6rem; }
      .headline { font-size: 1.125rem; }
      .tiles { grid-template-columns: 1fr 1fr; }
      .tile { padding: 0.8rem 0.9rem; }
      .tile .figure { font-size: 1.5rem; }
      svg.wide { display: none; }
      svg.narrow { display: block; }
      dl.facts div { grid-template-columns: 1fr; gap: 0; }
      .share { display: none; }
      .comparison tr {
        display: grid; grid-template-columns: repeat(3, 1fr); padding: 0.45rem 0;
        border-bottom: 1px solid var(--line);
      }
      .comparison tr > * { border: 0; padding: 0.05rem 0; text-align: left; }
      .comparison tbody th { grid-column: 1 / -1; font-weight: 600; }
      .comparison tr > .change { grid-column: 1 / -1; padding-left: 0; }
      .comparison thead td, .comparison thead th:last-child { display: none; }
      .layers tbody th, .heat tbody th {
        position: sticky; left: 0; background: var(--ground); z-index: 1;
      }
    }

    """

  static let paper: StaticString = """
    @page { margin: 16mm 15mm; }
    @media print {
      html { font-size: 11.5px; }
      body { padding: 0; max-width: none; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      h2, h3 { break-after: avoid; }
      .tiles { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
      .tile, .warnings, figure, tr, .steps li, #comparison, #confusion, #machine {
        break-inside: avoid;
      }
      thead { display: table-header-group; }
      section { margin-top: 1.75rem; }
      #history svg, #layer-sizes svg { max-height: 70mm; }
      .scroll { overflow: visible; }
      svg.wide { display: block; }
      svg.narrow { display: none; }
      table { font-size: 0.875rem; }
      th, td { padding-top: 0.3rem; padding-bottom: 0.3rem; }
    }

    """
}
