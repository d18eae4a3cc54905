"""Line charts as SVG files, with nothing but Python's own library."""

import math

WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 78, 16, 58, 52
COLOURS = ("#1f6fb4", "#d1495b", "#3a8f5c", "#b07d2b", "#7a5aa6")


class Axis:
    """Numbers to places between two ends, and the numbers to mark."""

    def __init__(self, values, begin, end, is_logarithmic, base=10):
        self.begin, self.end, self.is_logarithmic = begin, end, is_logarithmic
        low, high = min(values), max(values)
        if is_logarithmic:
            first = math.floor(math.log(low, base) + 1e-9)
            last = max(math.ceil(math.log(high, base) - 1e-9), first + 1)
            self.marks = [base**power for power in range(first, last + 1)]
        else:
            step = 10 ** math.floor(math.log10(max(high, 1e-12)))
            step *= next(factor for factor in (0.2, 0.5, 1, 2) if high / (step * factor) <= 6)
            self.marks = [step * index for index in range(math.ceil(high / step - 1e-9) + 1)]
        self.low, self.high = self.marks[0], self.marks[-1]

    def place(self, value):
        if self.is_logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{words}</text>'


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def chart(path, title, x_label, y_label, series, x_base=2, is_logarithmic=True):
    """Writes a chart of `series`, name -> [(x, y)]. The axes are logarithmic, marked at powers of
    `x_base` and of ten, or begin at zero."""
    points = [point for line in series.values() for point in line]
    across = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, is_logarithmic, x_base)
    up = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP, is_logarithmic)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(WIDTH / 2, 20, title, more='font-size="14" font-weight="bold"'),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label),
        text(0, 0, y_label, more=f'transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2:.1f}) rotate(-90)"'),
    ]
    for mark in across.marks:
        x = across.place(mark)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(text(x, HEIGHT - BOTTOM + 18, number(mark)))
    for mark in up.marks:
        y = up.place(mark)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, number(mark), "end"))
    for index, (name, line) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        places = [(across.place(x), up.place(y)) for x, y in line]
        path_data = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="{path_data}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        x = LEFT + 130 * index
        parts.append(f'<path d="M{x} {TOP - 18}h18" stroke="{colour}" stroke-width="2"/>')
        parts.append(text(x + 24, TOP - 14, name, "start"))
    with open(path, "w") as file:
        file.write("\n".join([*parts, "</svg>", ""]))
