"""Line charts as SVG: some panels side by side, each with lines over the same x."""
import dataclasses
from xml.sax.saxutils import escape

PANEL_WIDTH, PANEL_HEIGHT = 400, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 24, 64, 52
KEY_HEIGHT = 34
COLOURS = ("#1b7837", "#2166ac", "#e08214", "#b2182b")  # told apart in print and by most eyes
DASHES = ("", "7 3", "2 3", "9 3 2 3")


@dataclasses.dataclass
class Panel:
    title: str
    x_title: str
    y_title: str
    xs: list
    lines: dict  # name -> ys
    y_min: float
    y_max: float
    chosen: float = None  # an x that is marked


def _text(x, y, text, anchor="middle", size=12, extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{extra}>{escape(str(text))}</text>'


def _line(x1, y1, x2, y2, colour, extra=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{extra}/>'


def _dash(index):
    dash = DASHES[index % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _steps(low, high):
    for step in (0.01, 0.02, 0.05, 0.1, 0.2):
        count = round((high - low) / step)
        if count <= 6:
            return [low + i * step for i in range(count + 1)]
    return [low, high]


def _panel(panel, left):
    x_of = lambda x: left + (x - panel.xs[0]) / (panel.xs[-1] - panel.xs[0]) * PANEL_WIDTH
    y_of = lambda y: TOP + (panel.y_max - min(max(y, panel.y_min), panel.y_max)) / (panel.y_max - panel.y_min) * PANEL_HEIGHT
    yield _text(left + PANEL_WIDTH / 2, TOP - 12, panel.title, size=14, extra=' font-weight="bold"')
    for y in _steps(panel.y_min, panel.y_max):
        yield _line(left, y_of(y), left + PANEL_WIDTH, y_of(y), "#ddd")
        yield _text(left - 8, y_of(y) + 4, f"{y:.2f}", anchor="end")
    for x in panel.xs:
        yield _line(x_of(x), TOP + PANEL_HEIGHT, x_of(x), TOP + PANEL_HEIGHT + 5, "#555")
        yield _text(x_of(x), TOP + PANEL_HEIGHT + 19, f"{x:g}", size=11)
    yield _line(left, TOP + PANEL_HEIGHT, left + PANEL_WIDTH, TOP + PANEL_HEIGHT, "#555")
    yield _text(left + PANEL_WIDTH / 2, TOP + PANEL_HEIGHT + 40, panel.x_title)
    yield _text(left - 44, TOP + PANEL_HEIGHT / 2, panel.y_title,
                extra=f' transform="rotate(-90 {left - 44:.1f} {TOP + PANEL_HEIGHT / 2:.1f})"')
    if panel.chosen is not None:
        yield _line(x_of(panel.chosen), TOP, x_of(panel.chosen), TOP + PANEL_HEIGHT, "#555", ' stroke-dasharray="3 4"')
    for index, ys in enumerate(panel.lines.values()):
        points = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in zip(panel.xs, ys))
        colour = COLOURS[index % len(COLOURS)]
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{_dash(index)}/>'
        for x, y in zip(panel.xs, ys):
            if panel.y_min <= y:
                yield f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="2.6" fill="{colour}"/>'


def svg(title, panels):
    """All panels have lines of the same names. What lies below a panel's y_min is drawn on its floor, without a dot."""
    width = len(panels) * (LEFT + PANEL_WIDTH + RIGHT)
    height = TOP + PANEL_HEIGHT + BOTTOM + KEY_HEIGHT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" fill="#222">')
    yield f'<rect width="{width}" height="{height}" fill="white"/>'
    yield _text(width / 2, 24, title, size=16)
    for index, panel in enumerate(panels):
        yield from _panel(panel, index * (LEFT + PANEL_WIDTH + RIGHT) + LEFT)
    names = list(panels[0].lines)
    x = width / 2 - len(names) * 60
    for index, name in enumerate(names):
        y = height - 16
        yield _line(x, y, x + 34, y, COLOURS[index % len(COLOURS)], f' stroke-width="2"{_dash(index)}')
        yield _text(x + 42, y + 4, name, anchor="start")
        x += 120
    yield "</svg>\n"
