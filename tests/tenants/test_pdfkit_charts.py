"""Charts and QR codes: geometry that follows the numbers, and codes that hold their text."""

import pypdfium2
import pytest
import segno
from hypothesis import example, given
from hypothesis import strategies as st
from reportlab.graphics.shapes import Drawing, Polygon, PolyLine, Rect, String

from tenants.pdfkit import (
    DocumentSpec,
    Series,
    bar_chart,
    compact,
    compact_wan,
    horizontal_bar_chart,
    line_chart,
    load_theme,
    percent,
    qr_code,
    render_document,
    stacked_area_chart,
    theme,
)
from tenants.pdfkit.scales import label_stride, nice_step, value_scale

THEME = load_theme(language="en")


def _bars(drawing: Drawing) -> list[Rect]:
    return [s for s in drawing.contents if isinstance(s, Rect) and s.height != 7]  # 7: legend


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
@example(0.0, 5e-324)
def test_a_scale_holds_its_values_and_zero_on_round_ticks(a: float, b: float) -> None:
    scale = value_scale(min(a, b), max(a, b), 100.0)
    assert scale.low <= min(a, b, 0) + scale.step * 1e-6
    assert scale.high >= max(a, b, 0) - scale.step * 1e-6
    assert any(abs(tick) < scale.step * 1e-6 for tick in scale.ticks)
    assert 2 <= len(scale.ticks) <= 8


@given(st.floats(1e-6, 1e12), st.integers(1, 10))
def test_nice_step_is_enough_and_not_wasteful(span: float, target: int) -> None:
    step = nice_step(span, target)
    assert span / step <= target * (1 + 1e-6)
    assert span / step >= target / 2.5 * (1 - 1e-6)


def test_bar_heights_are_proportional() -> None:
    drawing = bar_chart(THEME, ["a", "b", "c"], [Series("", [1, 2, 4])])
    heights = [bar.height for bar in _bars(drawing)]
    assert heights[1] / heights[0] == pytest.approx(2)
    assert heights[2] / heights[0] == pytest.approx(4)


def test_stacked_bars_stand_on_each_other() -> None:
    drawing = bar_chart(
        THEME, ["m"], [Series("x", [3]), Series("y", [2]), Series("z", [-1])], stacked=True
    )
    x, y, z = _bars(drawing)
    assert y.y == pytest.approx(x.y + x.height)
    assert z.y + z.height == pytest.approx(x.y)


def test_line_and_area_use_every_point() -> None:
    names = [str(i) for i in range(24)]
    series = [Series("s", [float(i) for i in range(24)]), Series("t", [1.0] * 24)]
    lines = [s for s in line_chart(THEME, names, series).contents if isinstance(s, PolyLine)]
    assert [len(line.points) for line in lines] == [48, 48]
    areas = [s for s in stacked_area_chart(THEME, names, series).contents if isinstance(s, Polygon)]
    assert [len(area.points) for area in areas] == [96, 96]


def test_horizontal_bars_print_their_values() -> None:
    drawing = horizontal_bar_chart(THEME, ["上海", "浙江"], [0.5, 0.25], value_format=percent)
    texts = [s.text for s in drawing.contents if isinstance(s, String)]
    assert texts == ["上海", "50%", "浙江", "25%"]


def test_bad_series_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1 categories"):
        bar_chart(THEME, ["a"], [Series("s", [1, 2])])
    with pytest.raises(ValueError, match="finite"):
        line_chart(THEME, ["a"], [Series("s", [float("nan")])])
    with pytest.raises(ValueError, match="at least zero"):
        stacked_area_chart(THEME, ["a"], [Series("s", [-1])])


def test_empty_charts_draw_their_axes() -> None:
    assert len(bar_chart(THEME, [], []).contents) > 0


def test_formats() -> None:
    assert [percent(v) for v in (0.125, 0.1, 0)] == ["12.5%", "10%", "0%"]
    assert [compact(v) for v in (1_250_000, 999, 2.5e9, -1500)] == ["1.25M", "999", "2.5B", "-1.5k"]
    assert [compact_wan(v) for v in (12_500_000, 3e8, 10)] == ["1250万", "3亿", "10"]


def test_label_stride() -> None:
    assert label_stride(12, 30, 480) == 1
    assert label_stride(48, 30, 480) == 4
    assert label_stride(0, 30, 480) == 1


def test_a_rendered_qr_code_has_the_modules_that_segno_made() -> None:
    text = "https://trust.example/checkpoint/12#sha256=" + "ab" * 32
    spec = DocumentSpec("t", "s", "i", "r", "en", contents_label="")
    page = pypdfium2.PdfDocument(render_document(spec, [qr_code(text, size=200)]).content)[1]
    scale = 4
    image = page.render(scale=scale).to_pil().convert("L")
    matrix = segno.make_qr(text, error="m", boost_error=False).matrix
    unit = 200 / (len(matrix) + 8)

    def dark(row: int, column: int) -> bool:
        x = theme.MARGIN_LEFT + (column + 4.5) * unit
        y = theme.MARGIN_TOP + (row + 4.5) * unit
        return bool(image.getpixel((int(x * scale), int(y * scale))) < 128)

    size = range(len(matrix))
    seen = [[dark(r, c) for c in size] for r in size]
    assert seen == [[bool(module) for module in row] for row in matrix]


def test_a_text_too_long_for_a_qr_code_is_refused() -> None:
    with pytest.raises(ValueError, match="does not|do not fit"):
        qr_code("x" * 3000)
