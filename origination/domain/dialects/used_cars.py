"""Advertisements of used cars in the USA: asking prices, with many gaps."""

from __future__ import annotations

from typing import Final

import polars as pl

from origination.domain.dialects.shape import Column, Dialect, Figure, Form, gettext_noop

LEAST_PRICE: Final = 100  # below it sellers write a placeholder, most of them 1
CONDITIONS: Final = dict.fromkeys(("new", "like new", "excellent", "good", "fair", "salvage"))
FUELS: Final = dict.fromkeys(("gas", "diesel", "hybrid", "electric", "other"))


def _codes(words: dict[str, None]) -> dict[str, str]:
    return {word: word.replace(" ", "_") for word in words}


def figures(table: pl.DataFrame) -> list[Figure]:
    """Median price, and how much of what a price model needs is there."""
    whole = table.drop_nulls(["model_year", "odometer_miles"])
    median = int(table["price_minor"].median() or 0)  # type: ignore[arg-type]
    return [
        Figure(gettext_noop("Median asking price"), f"USD {median // 100:,}.{median % 100:02d}"),
        Figure(gettext_noop("Different models"), str(table["model"].n_unique())),
        Figure(gettext_noop("Advertisements with year and odometer"), f"{len(whole):,}"),
    ]


_NO_LEASE: Final = gettext_noop("An advertisement offers a car; nobody has leased it.")

USED_CARS: Final = Dialect(
    code="used_cars",
    title=gettext_noop("Advertisements of used cars (USA)"),
    columns=(
        Column("price", "price_minor", Form.AMOUNT, required=True),
        Column("model_year", "model_year", Form.WHOLE, required=False, low=1900, high=2100),
        Column("model", "model", Form.TEXT, required=True),
        Column("condition", "condition", Form.CODE, required=True, codes=_codes(CONDITIONS)),
        Column("cylinders", "cylinders", Form.WHOLE, low=1, high=16),
        Column("fuel", "fuel", Form.CODE, required=True, codes=_codes(FUELS)),
        Column("odometer", "odometer_miles", Form.WHOLE, low=0, high=2_000_000),
        Column("transmission", "transmission", Form.TEXT),
        Column("type", "body", Form.TEXT),
        Column("paint_color", "colour", Form.TEXT),
        Column("is_4wd", "four_wheel_drive", Form.FLAG),
        Column("date_posted", "posted_on", Form.DAY, required=True),
        Column("days_listed", "days_listed", Form.WHOLE, required=True, low=0, high=10_000),
    ),
    gives={
        "vehicle_model": "model",
        "model_year": "model_year",
    },
    lacks={
        "contract_number": _NO_LEASE,
        "lessee_kind": _NO_LEASE,
        "lessee_name": _NO_LEASE,
        "lessee_id_number": _NO_LEASE,
        "province": gettext_noop("The advertisement does not say it."),
        "vin": gettext_noop("The advertisement does not say it."),
        "vehicle_make": gettext_noop("Make and model stand in one text."),
        "energy": gettext_noop("Its words for fuel do not tell a hybrid from a plug-in."),
        "condition": gettext_noop("It grades the car instead of saying new or used."),
        "vehicle_use": gettext_noop("The advertisement does not say it."),
        "vehicle_price_minor": gettext_noop("An asking price is no invoice and no appraisal."),
        "currency": gettext_noop("The advertisement does not say it; it is USD throughout."),
        "product": _NO_LEASE,
        "financed_amount_minor": _NO_LEASE,
        "residual_minor": _NO_LEASE,
        "residual_kind": _NO_LEASE,
        "rent_pattern": _NO_LEASE,
        "rent_timing": _NO_LEASE,
        "rent_minor": _NO_LEASE,
        "annual_nominal_rate": _NO_LEASE,
        "term_months": _NO_LEASE,
        "originated_on": _NO_LEASE,
        "first_payment_on": _NO_LEASE,
        "maturity_on": _NO_LEASE,
    },
    figures=figures,
    checks=(("price", "no_price", pl.col("price_minor").is_between(0, LEAST_PRICE * 100 - 1)),),
)
