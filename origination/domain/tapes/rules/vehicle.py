"""The vehicle: mileage, age, plate, energy and VIN beside each other."""

from typing import Final

import polars as pl

from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules.shape import N, Rule, W

_km, _vin, _plate = pl.col("odometer_km"), pl.col("vin"), pl.col("plate")
_is_new, _is_used = pl.col("condition") == "new", pl.col("condition") == "used"
_year, _energy = pl.col("model_year"), pl.col("energy")
_age = pl.col("originated_on").dt.year() - _year
_CHARS: Final = {
    "京": "11", "津": "12", "冀": "13", "晋": "14", "蒙": "15", "辽": "21", "吉": "22", "黑": "23",
    "沪": "31", "苏": "32", "浙": "33", "皖": "34", "闽": "35", "赣": "36", "鲁": "37", "豫": "41",
    "鄂": "42", "湘": "43", "粤": "44", "桂": "45", "琼": "46", "渝": "50", "川": "51", "贵": "52",
    "云": "53", "藏": "54", "陕": "61", "甘": "62", "青": "63", "宁": "64", "新": "65",
}  # fmt: skip
_bare_plate = _plate.str.replace_all(r"[·. -]", "")
_plate_province = _bare_plate.str.slice(0, 1).replace_strict(
    _CHARS, default=None, return_dtype=pl.String
)
#: 49 CFR 565.15, GB 16735: the tenth character, 2010 to 2039 and thirty years before.
_YEARS: Final = {
    letter: 2010 + place for place, letter in enumerate("ABCDEFGHJKLMNPRSTVWXY123456789")
}
_vin_year = _vin.str.slice(9, 1).replace_strict(_YEARS, default=None, return_dtype=pl.Int64)
_off_by = (_year - _vin_year) % 30

RULES: Final = (
    Rule(
        "new_with_mileage", W, "odometer_km", _is_new & (_km > 1_000),
        _n("A new vehicle has run more than 1,000 km."),
        _n("Write the vehicle as used, or the mileage at delivery."),
    ),
    Rule(
        "used_never_run", W, "odometer_km", _is_used & (_km == 0),
        _n("A used vehicle has run nothing."),
        _n("Read the odometer; leave the field empty where nobody did."),
    ),
    Rule(
        "used_without_mileage", N, "odometer_km", _is_used & _km.is_null(),
        _n("A used vehicle has no mileage."),
        _n("Write it: the value depends on it."),
    ),
    Rule(
        "mileage_for_age", W, "odometer_km", _is_used & (_km > 100_000 * (_age + 1)),
        _n("The vehicle has run more than 100,000 km a year."),
        _n("Check the unit: kilometres, not ten thousand of them."),
    ),
    Rule(
        "vin_of_other_year", N, "model_year", (_off_by > 1) & (_off_by < 29),
        _n("The tenth character of the VIN stands for another model year."),
        _n("Compare both with the certificate; makers outside China may use it otherwise."),
    ),
    Rule(
        "vin_serial_empty", N, "vin", _vin.str.contains(r"(000000|111111|123456)$"),
        _n("The VIN's serial number looks like a placeholder."),
        _n("Read it from the vehicle."),
    ),
    Rule(
        "plate_unlike", N, "plate",
        _plate.is_not_null()
        & (_plate_province.is_null() | ~_bare_plate.str.contains(r"^.[A-Z][A-Z0-9]{5,6}$")),
        _n("The number plate has not the form of a Chinese one."),
        _n("Write the province's character, a letter and five or six more: 粤B12345."),
    ),
    Rule(
        "plate_of_other_province", N, "plate", _plate_province != pl.col("province"),
        _n("The vehicle is registered in another province than the lessee's."),
        _n("Check where it is driven: it decides who takes it back."),
    ),
    Rule(
        "green_plate_of_engine", W, "plate",
        _bare_plate.str.contains(r"^.[A-Z][A-Z0-9]{6}$") & _energy.is_in(["petrol", "diesel"]),
        _n("The plate is that of a new-energy vehicle, which petrol and diesel do not get."),
        _n("Check the energy and the plate."),
    ),
    Rule(
        "electric_too_early", W, "energy", (_energy == "bev") & (_year < 2009),
        _n("An electric vehicle is older than such vehicles are in series."),
        _n("Check energy and model year."),
    ),
    Rule(
        "model_is_make", N, "vehicle_model", pl.col("vehicle_model") == pl.col("vehicle_make"),
        _n("The model is the make's name again."),
        _n("Write the model: the value depends on it."),
    ),
    Rule(
        "value_above_price", N, "vehicle_value_minor",
        pl.col("vehicle_value_minor") > pl.col("vehicle_price_minor"),
        _n("The vehicle is worth more now than when it was bought."),
        _n("Check day and source of the value."),
    ),
)  # fmt: skip
