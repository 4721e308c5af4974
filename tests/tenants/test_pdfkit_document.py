"""Documents: the same input gives the same bytes, every text is there, and no page is empty."""

import hashlib
from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader

from tenants.pdfkit import (
    Column,
    DocumentSpec,
    FontsMissing,
    RenderedDocument,
    data_table,
    heading,
    key_figures,
    load_theme,
    paragraph,
    render_document,
    text_table,
)
from tenants.pdfkit.tables import fit_text

COLUMNS = [Column("Province", 2), Column("Leases", 1, "right")]


def _spec(language: str, **more: str) -> DocumentSpec:
    return DocumentSpec(
        title="车辆租赁信托 2026-1" if language == "zh-hans" else "Vehicle Lease Trust 2026-1",
        subtitle="Offering circular",
        issuer="华东信托",
        reference="REF-1",
        language=language,
        **more,
    )


def _document(language: str = "en", rows: int = 120) -> RenderedDocument:
    theme = load_theme(language=language)
    story = [
        *heading(theme, 1, "Key figures"),
        *key_figures(theme, [("Balance", "1,234,567,890.12"), ("Leases", "42")]),
        paragraph(theme, "承租人 A & B <Leasing>"),
        *heading(theme, 2, "By province"),
        *data_table(theme, COLUMNS, [[f"广东{i}", str(i)] for i in range(rows)], total=["Σ", "x"]),
        *heading(theme, 1, "Rules"),
        *text_table(theme, COLUMNS, [["a long rule " * 20, "1"]]),
    ]
    return render_document(_spec(language), story)


def _texts(document: RenderedDocument) -> list[str]:
    pdf = pypdfium2.PdfDocument(document.content)
    return [page.get_textpage().get_text_range() for page in pdf]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_same_story_gives_the_same_bytes(language: str) -> None:
    first, second = _document(language), _document(language)
    assert first.content == second.content
    assert first.sha256 == hashlib.sha256(first.content).hexdigest()


def test_another_story_gives_another_hash() -> None:
    assert _document(rows=5).sha256 != _document(rows=6).sha256


def test_texts_chinese_and_escaped_are_on_the_pages() -> None:
    document = _document()
    texts = _texts(document)
    assert len(texts) == document.pages
    joined = "".join("".join(texts).split())  # viewers guess at spaces
    assert "承租人A&B<Leasing>" in joined
    for number in range(120):
        assert f"广东{number}" in joined
    assert f"Page 3 of {document.pages}" in " ".join(texts[2].split())


def test_a_long_table_repeats_its_header_and_keeps_its_total_with_a_row() -> None:
    pages = [text for text in _texts(_document()) if "广东" in text]
    assert len(pages) == 3
    assert all("Province" in text and "Leases" in text for text in pages)
    assert "Σ" in pages[-1]


@pytest.mark.parametrize("rows", [1, 30, 31, 32, 33, 34, 35, 36, 78, 79, 80])
def test_no_page_is_empty_wherever_a_table_ends(rows: int) -> None:
    texts = _texts(_document(rows=rows))
    assert all(len(text) > 60 for text in texts[1:])


def test_contents_outline_language_and_fonts() -> None:
    reader = PdfReader(BytesIO(_document("zh-hans").content))
    assert [item.title for item in reader.outline if not isinstance(item, list)] == [
        "Key figures",
        "Rules",
    ]
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    embedded = {name for name in fonts if "NotoSans" in name}
    assert embedded and all("+" in name for name in embedded)  # a subset carries a prefix


def test_missing_fonts_say_where_they_were_sought_and_how_to_mend(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FontsMissing) as caught:
        load_theme(language="en", font_dir=tmp_path)
    assert str(tmp_path) in caught.value.detail
    assert "LL_FONT_DIR" in caught.value.mend


def test_a_font_that_cannot_be_embedded_is_refused(tmp_path) -> None:
    for weight in ("Regular", "Bold"):
        (tmp_path / f"NotoSansSC-{weight}.ttf").write_bytes(b"OTTO" + bytes(200))
    with pytest.raises(FontsMissing, match="cannot be embedded"):
        load_theme(language="en", font_dir=tmp_path)


def test_unknown_language_and_ragged_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="language"):
        load_theme(language="de")
    with pytest.raises(ValueError, match="row 2 has 1 cells; the table has 2"):
        data_table(load_theme(language="en"), COLUMNS, [["a", "b"], ["c"]])


def test_fit_text_shortens_only_what_does_not_fit() -> None:
    fonts = load_theme(language="en").fonts
    assert fit_text("short", fonts.regular, 8, 100) == "short"
    cut = fit_text("承租人名称非常非常长的公司", fonts.regular, 8, 40)
    assert cut.endswith("…") and cut[:-1] == "承租人名称非常非常长的公司"[: len(cut) - 1]
