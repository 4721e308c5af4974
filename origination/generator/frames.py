"""From integer columns to the frames that leave the generator: leases, payments, prices, truth."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from origination.domain.schedule import Pattern, ResidualKind
from origination.generator import identifiers, names, vehicles
from origination.generator.contracts import Contracts
from origination.generator.events import KINDS, PRICE_KINDS, Lines, Prices
from origination.generator.provinces import PROVINCES
from origination.generator.rents import Rents
from origination.generator.simulation import NEVER
from origination.generator.spec import LessorSpec, PortfolioSpec

Ints = NDArray[np.int64]

#: The fields of `lease.recorded` (docs/entries.md) that the generator fills, in tape order.
LEASE_FIELDS: tuple[str, ...] = (
    "contract_number",
    "lessee_kind",
    "lessee_name",
    "lessee_id_number",
    "lessee_group",
    "lessee_income_monthly_minor",
    "credit_score",
    "employment",
    "province",
    "dealer_code",
    "vin",
    "vehicle_make",
    "vehicle_model",
    "model_year",
    "energy",
    "condition",
    "vehicle_use",
    "odometer_km",
    "plate",
    "vehicle_price_minor",
    "currency",
    "product",
    "financed_amount_minor",
    "deposit_minor",
    "fee_minor",
    "residual_minor",
    "residual_kind",
    "rent_pattern",
    "rent_timing",
    "rent_minor",
    "annual_nominal_rate",
    "term_months",
    "originated_on",
    "first_payment_on",
    "maturity_on",
)
_LEASES_A_COMPANY = 40  # serials that share one company, of which about one in ten is a company's


@dataclass(frozen=True)
class Place:
    """Where a partition stands: its lessor and the serial number of its first lease."""

    spec: PortfolioSpec
    lessor: LessorSpec
    first: int


def lease_frame(
    place: Place, contracts: Contracts, rents: Rents, originated: Ints, rng: np.random.Generator
) -> pl.DataFrame:
    """The tape's columns, plus `lease_row` (the serial, unique in the portfolio) and `lessor`."""
    serial = place.first + np.arange(len(contracts))
    province_codes = np.array([int(province.code) for province in PROVINCES])[contracts.province]
    columns = {
        "lease_row": pl.Series(serial, dtype=pl.Int32),
        "lessor": pl.repeat(place.lessor.code, len(serial), eager=True),
        **_lessee_columns(contracts, serial, province_codes, rng),
        **_vehicle_columns(contracts, serial),
        **_term_columns(place, contracts, rents, originated, serial),
    }
    return pl.DataFrame(columns).select("lease_row", "lessor", *LEASE_FIELDS)


def _lessee_columns(
    contracts: Contracts, serial: Ints, province: Ints, rng: np.random.Generator
) -> dict[str, pl.Series]:
    company = contracts.company
    firm = serial // _LEASES_A_COMPANY
    seat = np.array([int(row.code) for row in PROVINCES])[firm % len(PROVINCES)]
    resident, _ = identifiers.resident_numbers(province, serial)
    number = np.where(company, identifiers.credit_codes(seat, firm), resident)
    odds = np.array(names.SURNAME_WEIGHTS)
    person = _pick(names.SURNAMES, rng.choice(len(odds), len(serial), p=odds / odds.sum())) + _pick(
        names.GIVEN_NAMES, rng.integers(0, len(names.GIVEN_NAMES), len(serial))
    )
    trading = _pick(names.TRADE_WORDS, firm // len(names.TRADES) % len(names.TRADE_WORDS)) + _pick(
        names.TRADES, firm % len(names.TRADES)
    )
    trading = _pick(tuple(row.plate for row in PROVINCES), firm % len(PROVINCES)) + trading
    is_company = pl.Series(company)
    grouped = pl.Series(company & (firm % 5 == 0))
    employment = _pick(
        ("salaried", "self_employed", "ride_hailing", "company"),
        np.select([company, contracts.ride_hailing, contracts.self_employed], [3, 2, 1], 0),
    )
    income, score = pl.Series(contracts.income), pl.Series(contracts.score)
    return {
        "lessee_kind": _pick(("person", "company"), company),
        "lessee_name": (trading + "有限公司").zip_with(is_company, person),
        "lessee_id_number": pl.Series(number.astype(str)),
        "lessee_group": ("G" + pl.Series(firm // 10).cast(pl.String)).set(~grouped, None),
        "lessee_income_monthly_minor": income.set(is_company, None),
        "credit_score": score.set(pl.Series(~contracts.score_known), None),
        "employment": employment,
        "province": _pick(tuple(row.code for row in PROVINCES), contracts.province),
        "dealer_code": "D" + pl.Series(contracts.dealer).cast(pl.String).str.zfill(3),
        "vehicle_use": _pick(
            ("private", "ride_hailing", "commercial"), np.where(company, 2, contracts.ride_hailing)
        ),
    }


def _vehicle_columns(contracts: Contracts, serial: Ints) -> dict[str, pl.Series]:
    models = vehicles.CATALOGUE
    manufacturer = np.array([model.wmi for model in models], dtype="S3")[contracts.model]
    descriptor = np.array([model.descriptor for model in models], dtype="S5")[contracts.model]
    vins = identifiers.vins(manufacturer, descriptor, contracts.model_year, serial)
    energy = _pick(tuple(model.energy for model in models), contracts.model)
    letters = pl.Series(["Z"]).append(pl.Series(["ZD"])).append(pl.Series(["ZF"]))
    kind = np.array(
        [("bev", "phev").index(m.energy) + 1 if m.energy in ("bev", "phev") else 0 for m in models]
    )
    plate = _pick(tuple(row.plate for row in PROVINCES), contracts.province)
    plate = plate + letters.gather(pl.Series(kind[contracts.model]))
    return {
        "vin": pl.Series(vins.astype(str)),
        "vehicle_make": _pick(tuple(model.make for model in models), contracts.model),
        "vehicle_model": _pick(tuple(model.name for model in models), contracts.model),
        "model_year": pl.Series(contracts.model_year),
        "energy": energy,
        "condition": _pick(("new", "used"), contracts.used),
        "odometer_km": pl.Series(contracts.odometer),
        "plate": plate + pl.Series(serial % 100_000).cast(pl.String).str.zfill(5),
        "vehicle_price_minor": pl.Series(contracts.price),
    }


def _term_columns(
    place: Place, contracts: Contracts, rents: Rents, originated: Ints, serial: Ints
) -> dict[str, pl.Series]:
    written = _dates(originated)
    number = place.lessor.code + "-" + written.dt.strftime("%Y%m") + "-"
    return {
        "contract_number": number + pl.Series(serial).cast(pl.String).str.zfill(7),
        "currency": pl.repeat(place.spec.currency, len(serial), eager=True),
        "product": _pick(("direct_lease", "sale_leaseback"), contracts.leaseback),
        "financed_amount_minor": pl.Series(contracts.financed),
        "deposit_minor": pl.Series(contracts.deposit),
        "fee_minor": pl.Series(contracts.fee),
        "residual_minor": pl.Series(contracts.residual),
        "residual_kind": _pick(tuple(ResidualKind), contracts.residual_kind),
        "rent_pattern": _pick(tuple(Pattern), contracts.pattern),
        "rent_timing": _pick(("arrears", "advance"), contracts.advance),
        "rent_minor": pl.Series(rents.stated),
        "annual_nominal_rate": pl.Series(rents.nominal_rate / 1e6).cast(pl.String),
        "term_months": pl.Series(contracts.term),
        "originated_on": written,
        "first_payment_on": _dates(rents.first_payment),
        "maturity_on": _dates(rents.maturity),
    }


def payment_frame(
    place: Place, lines: Lines, rng: np.random.Generator, *, run: str = ""
) -> pl.DataFrame:
    """Bank lines: `lease_row`, `kind`, `amount_minor`, `currency`, `bank_reference`, `reverses`,
    `effective_at` (midnight UTC of the booking day) and `known_at`, ordered by `known_at`.

    A line is known the next morning; a few files come days late. `run` tells the references of a
    second draw from those of the first.
    """
    count = len(lines.lease)
    late = np.where(rng.random(count) < 0.01, rng.integers(2, 9, count), 0)
    known_minute = (lines.day + 1 + late) * 1_440 - 300 + rng.integers(0, 120, count)
    back = np.flatnonzero(lines.reverses >= 0)  # a reversal is not known before what it reverses
    known_minute[back] = np.maximum(known_minute[back], known_minute[lines.reverses[back]] + 1)
    order = np.lexsort((lines.lease, lines.day, known_minute))
    place_of = np.empty(count, dtype=np.int64)
    place_of[order] = np.arange(count)
    # One partition's references never meet another's: each starts at its own first lease.
    head = f"{place.lessor.code[:2]}{place.first:08d}{run}"
    reference = head + pl.Series(np.arange(count)).cast(pl.String).str.zfill(8)
    reversed_row = lines.reverses[order]
    taken_back = pl.Series(np.where(reversed_row >= 0, place_of[reversed_row], 0))
    reverses = reference.gather(taken_back).set(pl.Series(reversed_row < 0), None)
    return pl.DataFrame(
        {
            "lease_row": pl.Series(place.first + lines.lease[order], dtype=pl.Int32),
            "kind": _coded(KINDS, lines.kind[order]),
            "amount_minor": pl.Series(lines.amount[order]),
            "currency": pl.repeat(place.spec.currency, count, eager=True),
            "bank_reference": reference,
            "reverses": reverses,
            "effective_at": _instants(lines.day[order] * 1_440),
            "known_at": _instants(known_minute[order]),
        }
    )


def price_frame(place: Place, prices: Prices, rng: np.random.Generator) -> pl.DataFrame:
    """Price observations: `lease_row`, `kind` (`PRICE_KINDS`), `distressed`, `price_minor`,
    `currency`, `odometer_km`, `observed_on`, `known_at`."""
    count = len(prices.lease)
    known = (prices.day + 1 + rng.integers(0, 4, count)) * 1_440 - 300
    kind = _coded(PRICE_KINDS, prices.kind)
    frame = pl.DataFrame(
        {
            "lease_row": pl.Series(place.first + prices.lease, dtype=pl.Int32),
            "kind": kind,
            "distressed": kind.cast(pl.String) == "distressed_sale",
            "price_minor": pl.Series(prices.price),
            "currency": pl.repeat(place.spec.currency, count, eager=True),
            "odometer_km": pl.Series(prices.odometer),
            "observed_on": _dates(prices.day),
            "known_at": _instants(known),
        }
    )
    return frame.sort("known_at", "lease_row")


def day_or_null(days: Ints) -> pl.Series:
    """Days since 1970-01-01 as dates, null where it never happened."""
    happened = days != NEVER
    return _dates(np.where(happened, days, 0)).set(pl.Series(~happened), None)


def _pick(words: tuple[str, ...], codes: NDArray[np.generic]) -> pl.Series:
    """Text for integer codes."""
    return pl.Series([str(word) for word in words]).gather(pl.Series(codes.astype(np.uint32)))


def _coded(words: tuple[str, ...], codes: Ints) -> pl.Series:
    """An enum column: a million rows in a byte each."""
    return pl.Series(list(words), dtype=pl.Enum(list(words))).gather(
        pl.Series(codes.astype(np.uint32))
    )


def _dates(days: NDArray[np.integer]) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _instants(minutes: Ints) -> pl.Series:
    return pl.Series(minutes * 60_000_000).cast(pl.Datetime("us", "UTC"))
