"""The same small table in every format that a tape may come in."""

import io
import zipfile

import openpyxl
import polars as pl

from origination.domain.tapes.autolease import write_autolease


def csv_of(frame, encoding="utf-8", separator=","):
    return frame.write_csv(separator=separator).encode(encoding)


def parquet_of(frame):
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def xlsx_of(frame, *, above=()):
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (*above, frame.columns, *frame.rows()):
        sheet.append(list(line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xml_of(*rows):
    stream = io.BytesIO()
    write_autolease(rows, stream)
    return stream.getvalue()


def repacked(workbook, name, change):
    """A workbook with one part changed: `change` maps its bytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return stream.getvalue()


TABLE = pl.DataFrame(
    {"合同编号": ["A-1", "A-2"], "车架号": ["V1", None], "利率": ["0.0895", "0.1"]}
)

#: Headers of a Chinese lessor's tape and the fields that they are.
CHINESE = {
    "合同编号": "contract_number", "承租人类型": "lessee_kind", "承租人姓名": "lessee_name",
    "证件号": "lessee_id_number", "所在省": "province", "车架号": "vin", "品牌": "vehicle_make",
    "车型": "vehicle_model", "年款": "model_year", "燃料类型": "energy", "新旧": "condition",
    "使用性质": "vehicle_use", "车价（元）": "vehicle_price_minor", "业务类型": "product",
    "融资金额": "financed_amount_minor", "保证金": "deposit_minor", "手续费": "fee_minor",
    "留购价": "residual_minor", "期末处置方式": "residual_kind", "还款方式": "rent_pattern",
    "付款时点": "rent_timing", "月租金": "rent_minor", "年利率(%)": "annual_nominal_rate",
    "租期": "term_months", "起租日": "originated_on", "首期还款日": "first_payment_on",
    "到期日": "maturity_on",
}  # fmt: skip
_SAID = {
    "person": "个人", "44": "广东省", "11": "北京市", "bev": "纯电动", "new": "新车",
    "private": "自用", "direct_lease": "直租", "nominal_purchase": "留购", "level": "等额本息",
    "arrears": "后付",
}  # fmt: skip


def chinese_tape(records, **more):
    """Records as a Chinese lessor would write them: yuan, per cent, names of codes, its dates."""

    def said(header, field):
        text = pl.col(field)
        if field.endswith("_minor"):
            return (text.cast(pl.Decimal(18, 2)) / 100).cast(pl.String).alias(header)
        if field == "annual_nominal_rate":
            return (text.cast(pl.Decimal(12, 6)) * 100).cast(pl.String).alias(header)
        if field.endswith("_on"):
            return text.str.replace_all("-", "/").alias(header)
        if field == "term_months":
            return (text + "期").alias(header)
        return text.replace(_SAID).alias(header)

    frame = pl.DataFrame(records).select(said(header, field) for header, field in CHINESE.items())
    return frame.with_columns(pl.lit("老李").alias("客户经理"), **more)
