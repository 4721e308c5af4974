"""Charts as vector drawings in the house palette: bars, horizontal bars, lines and stacked areas.

Drawn with ReportLab's shapes rather than its chart classes: axes, labels and legend then follow the
theme, and the same numbers always give the same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import stringWidth

from . import theme as t
from .scales import Scale, label_stride, value_scale
from .tables import fit_text
from .theme import Theme

Formatter = Callable[[float], str]

_AXIS_LEFT, _AXIS_BOTTOM, _LEGEND_HEIGHT, _TOP = 46.0, 20.0, 16.0, 8.0
_TICK_SIZE = t.SIZE_NOTE


@dataclass(frozen=True)
class Series:
    """A named row of values, one for each category."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class _Plot:
    """The drawing, the plot area inside it, and its value axis."""

    drawing: Drawing
    theme: Theme
    left: float
    bottom: float
    width: float
    scale: Scale

    def y(self, value: float) -> float:
        return self.bottom + self.scale.at(value)


def percent(value: float) -> str:
    """0.125 as '12.5%', whole per cents without decimals."""
    text = f"{value * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}%"


def compact(value: float) -> str:
    """1,250,000 as '1.25M': amounts on an axis."""
    for limit, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"


def compact_wan(value: float) -> str:
    """12,500,000 as '1250万': amounts on a Chinese axis."""
    for limit, suffix in ((1e8, "亿"), (1e4, "万")):
        if abs(value) >= limit:
            return f"{value / limit:.4g}{suffix}"
    return f"{value:.3g}"


def bar_chart(
    theme: Theme,
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    stacked: bool = False,
    width: float = t.CONTENT_WIDTH,
    height: float = 170.0,
    value_format: Formatter = compact,
) -> Drawing:
    """Vertical bars, side by side or stacked.

    Raises:
        ValueError: if a series is not as long as the categories, or a value is not finite.
    """
    _check(categories, series)
    low, high = _stack_bounds(series) if stacked else _bounds(series)
    plot = _start(theme, series, low, high, width, height, value_format)
    slot = plot.width / max(1, len(categories))
    _category_labels(plot, categories, slot, offset=slot / 2)
    bar = slot * 0.72 / (1 if stacked else max(1, len(series)))
    for i in range(len(categories)):
        base = {True: 0.0, False: 0.0}  # running totals of positive and negative parts
        for k, one in enumerate(series):
            value = one.values[i]
            start = base[value >= 0] if stacked else 0.0
            base[value >= 0] = start + value
            x = plot.left + i * slot + slot * 0.14 + (0 if stacked else k * bar)
            y0, y1 = sorted((plot.y(start), plot.y(start + value)))
            plot.drawing.add(
                Rect(x, y0, bar * 0.96, y1 - y0, fillColor=_colour(k), strokeColor=None)
            )
    return plot.drawing


def line_chart(
    theme: Theme,
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    width: float = t.CONTENT_WIDTH,
    height: float = 170.0,
    value_format: Formatter = compact,
) -> Drawing:
    """Lines over ordered categories (months, ages). Same errors as :func:`bar_chart`."""
    _check(categories, series)
    plot = _start(theme, series, *_bounds(series), width, height, value_format)
    step = plot.width / max(1, len(categories) - 1)
    _category_labels(plot, categories, step, offset=0.0)
    for k, one in enumerate(series):
        points = [c for i, v in enumerate(one.values) for c in (plot.left + i * step, plot.y(v))]
        if len(points) >= 4:
            plot.drawing.add(PolyLine(points, strokeColor=_colour(k), strokeWidth=1.4))
    return plot.drawing


def stacked_area_chart(
    theme: Theme,
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    width: float = t.CONTENT_WIDTH,
    height: float = 170.0,
    value_format: Formatter = compact,
) -> Drawing:
    """Areas one upon the other over ordered categories; values must not be negative.

    Raises:
        ValueError: as :func:`bar_chart`, and for a negative value.
    """
    _check(categories, series)
    if any(value < 0 for one in series for value in one.values):
        raise ValueError("a stacked area needs values of at least zero")
    plot = _start(theme, series, *_stack_bounds(series), width, height, value_format)
    step = plot.width / max(1, len(categories) - 1)
    lower = [0.0] * len(categories)
    xs = [plot.left + i * step for i in range(len(categories))]
    for k, one in enumerate(series):
        upper = [a + b for a, b in zip(lower, one.values, strict=True)]
        edge = [(x, plot.y(v)) for x, v in zip(xs, upper, strict=True)]
        back = [(x, plot.y(v)) for x, v in zip(xs, lower, strict=True)][::-1]
        points = [c for point in [*edge, *back] for c in point]
        plot.drawing.add(
            Polygon(points, fillColor=_colour(k), strokeColor=t.WHITE, strokeWidth=0.3)
        )
        lower = upper
    _category_labels(plot, categories, step, offset=0.0)
    return plot.drawing


def horizontal_bar_chart(
    theme: Theme,
    categories: Sequence[str],
    values: Sequence[float],
    *,
    width: float = t.CONTENT_WIDTH,
    label_width: float = 110.0,
    value_format: Formatter = compact,
) -> Drawing:
    """One bar a row with its value beside it; for named categories of any length."""
    _check(categories, [Series("", values)])
    row, room = 15.0, 52.0
    drawing = Drawing(width, row * len(categories) + 4)
    top = max([abs(v) for v in values], default=1.0) or 1.0
    fonts = theme.fonts
    for i, (name, value) in enumerate(zip(categories, values, strict=True)):
        y = drawing.height - (i + 1) * row
        label = fit_text(name, fonts.regular, t.SIZE_SMALL, label_width - 8)
        drawing.add(_text(label_width - 6, y + 3.5, label, fonts.regular, "end", t.SIZE_SMALL))
        length = abs(value) / top * (width - label_width - room)
        drawing.add(Rect(label_width, y + 2, length, row - 5, fillColor=t.ACCENT, strokeColor=None))
        shown = _text(label_width + length + 4, y + 3.5, value_format(value), fonts.regular)
        drawing.add(shown)
    return drawing


def _check(categories: Sequence[str], series: Sequence[Series]) -> None:
    for one in series:
        if len(one.values) != len(categories):
            raise ValueError(
                f"series {one.name!r} has {len(one.values)} values for {len(categories)} categories"
            )


def _bounds(series: Sequence[Series]) -> tuple[float, float]:
    values = [float(v) for one in series for v in one.values] or [0.0]
    return min(values), max(values)


def _stack_bounds(series: Sequence[Series]) -> tuple[float, float]:
    columns = list(zip(*(one.values for one in series), strict=True)) or [(0.0,)]
    low = min(sum(v for v in column if v < 0) for column in columns)
    return low, max(sum(v for v in column if v > 0) for column in columns)


def _colour(index: int) -> Color:
    return t.SERIES[index % len(t.SERIES)]


def _text(
    x: float, y: float, text: str, font: str, anchor: str = "start", size: float = _TICK_SIZE
) -> String:
    return String(x, y, text, fontName=font, fontSize=size, textAnchor=anchor, fillColor=t.INK_SOFT)


def _start(
    theme: Theme,
    series: Sequence[Series],
    low: float,
    high: float,
    width: float,
    height: float,
    value_format: Formatter,
) -> _Plot:
    """A drawing with legend, value axis and grid lines."""
    legend = _LEGEND_HEIGHT if any(one.name for one in series) else 0.0
    drawing = Drawing(width, height)
    scale = value_scale(low, high, height - _AXIS_BOTTOM - legend - _TOP)
    plot = _Plot(drawing, theme, _AXIS_LEFT, _AXIS_BOTTOM, width - _AXIS_LEFT - 8, scale)
    for tick in scale.ticks:
        y = plot.y(tick)
        colour, weight = (t.RULE_STRONG, 0.8) if abs(tick) < scale.step / 1e6 else (t.RULE, 0.4)
        right = plot.left + plot.width
        drawing.add(Line(plot.left, y, right, y, strokeColor=colour, strokeWidth=weight))
        label = value_format(0.0 if abs(tick) < scale.step / 1e6 else tick)
        drawing.add(_text(plot.left - 5, y - 2.4, label, theme.fonts.regular, "end"))
    if legend:
        _legend(drawing, theme, [one.name for one in series], height - 9)
    return plot


def _legend(drawing: Drawing, theme: Theme, names: Sequence[str], y: float) -> None:
    x = _AXIS_LEFT
    for k, name in enumerate(names):
        drawing.add(Rect(x, y, 7, 7, fillColor=_colour(k), strokeColor=None))
        drawing.add(_text(x + 11, y + 0.8, name, theme.fonts.regular))
        x += 11 + stringWidth(name, theme.fonts.regular, _TICK_SIZE) + 14


def _category_labels(plot: _Plot, categories: Sequence[str], slot: float, offset: float) -> None:
    font = plot.theme.fonts.regular
    widest = max((stringWidth(name, font, _TICK_SIZE) for name in categories), default=0.0)
    stride = label_stride(len(categories), widest, plot.width)
    for i in range(0, len(categories), stride):
        x = plot.left + offset + i * slot
        plot.drawing.add(_text(x, plot.bottom - 11, categories[i], font, "middle"))
