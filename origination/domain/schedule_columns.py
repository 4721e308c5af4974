"""`schedule` for a whole portfolio: integer numpy arrays, equal to the scalar one to the unit.

Receivables are stored one lease after another (compressed rows): lease i owns the slice
`offsets[i]:offsets[i + 1]`, in order of number. A lease whose rent does not fit its terms gets an
empty slice and is named in `unfit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.months import add_months_columns, days_of
from origination.domain.schedule import (
    PERIODS_A_YEAR,
    RATE_SCALE,
    LeaseTerms,
    Pattern,
    Receivable,
    ReceivableKind,
    ResidualKind,
    Timing,
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PATTERN_CODES: Final[dict[str, int]] = {pattern: code for code, pattern in enumerate(Pattern)}
TIMING_CODES: Final[dict[str, int]] = {timing: code for code, timing in enumerate(Timing)}
RESIDUAL_CODES: Final[dict[str, int]] = {kind: code for code, kind in enumerate(ResidualKind)}
KIND_CODES: Final[dict[str, int]] = {kind: code for code, kind in enumerate(ReceivableKind)}
_CHUNK: Final = 50_000


@dataclass(frozen=True, slots=True)
class TermColumns:
    """Terms of n leases: int64 minor units, int32 days since 1970-01-01, int8 codes as above."""

    financed: Ints
    rent: Ints
    rate_scaled: Ints
    term: Ints
    first_payment: npt.NDArray[np.int32]
    maturity: npt.NDArray[np.int32]
    pattern: npt.NDArray[np.int8]
    timing: npt.NDArray[np.int8]
    residual: Ints
    residual_kind: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.financed)

    def part(self, start: int, stop: int) -> TermColumns:
        """Leases start..stop-1."""
        columns = (getattr(self, name)[start:stop] for name in self.__dataclass_fields__)
        return TermColumns(*columns)

    @classmethod
    def of_terms(cls, terms: Sequence[LeaseTerms]) -> TermColumns:
        """From scalar terms, in their order."""
        return cls(
            financed=np.array([t.financed_minor for t in terms], np.int64),
            rent=np.array([t.rent_minor for t in terms], np.int64),
            rate_scaled=np.array([t.rate_scaled for t in terms], np.int64),
            term=np.array([t.term_months for t in terms], np.int64),
            first_payment=np.array([days_of(t.first_payment_on) for t in terms], np.int32),
            maturity=np.array([days_of(t.maturity_on) for t in terms], np.int32),
            pattern=np.array([PATTERN_CODES[t.pattern] for t in terms], np.int8),
            timing=np.array([TIMING_CODES[t.timing] for t in terms], np.int8),
            residual=np.array([t.residual_minor for t in terms], np.int64),
            residual_kind=np.array([RESIDUAL_CODES[t.residual_kind] for t in terms], np.int8),
        )

    @classmethod
    def of_frame(cls, frame: pl.DataFrame) -> TermColumns:
        """From text columns named as in `lease.recorded`; every row must have been validated."""

        def whole(name: str) -> Ints:
            return frame[name].cast(pl.Int64).to_numpy().astype(np.int64)

        def days(name: str) -> npt.NDArray[np.int32]:
            return frame[name].cast(pl.String).str.to_date("%Y-%m-%d").cast(pl.Int32).to_numpy()

        def coded(name: str, codes: dict[str, int]) -> npt.NDArray[np.int8]:
            text = frame[name].cast(pl.String)
            return text.replace_strict(codes, return_dtype=pl.Int8).to_numpy()

        return cls(
            financed=whole("financed_amount_minor"),
            rent=whole("rent_minor"),
            rate_scaled=scaled_rates(frame["annual_nominal_rate"].cast(pl.String)),
            term=whole("term_months"),
            first_payment=days("first_payment_on"),
            maturity=days("maturity_on"),
            pattern=coded("rent_pattern", PATTERN_CODES),
            timing=coded("rent_timing", TIMING_CODES),
            residual=whole("residual_minor"),
            residual_kind=coded("residual_kind", RESIDUAL_CODES),
        )


def scaled_rates(rates: pl.Series) -> Ints:
    """Decimal text with at most six decimals, in millionths, without passing through a float."""
    parts = pl.DataFrame({"text": rates}).select(
        whole=pl.col("text").str.split(".").list.get(0).cast(pl.Int64),
        millionths=pl.col("text")
        .str.split(".")
        .list.get(1, null_on_oob=True)
        .fill_null("")
        .str.pad_end(6, "0")
        .cast(pl.Int64),
    )
    scaled = parts["whole"] * RATE_SCALE + parts["millionths"]
    return scaled.to_numpy().astype(np.int64)


@dataclass(frozen=True, slots=True)
class ReceivableColumns:
    """All receivables of n leases in compressed rows; amounts int64 minor units."""

    offsets: Ints  # n + 1
    due: npt.NDArray[np.int32]
    interest: Ints
    principal: Ints
    kind: npt.NDArray[np.int8]
    unfit: Bools  # n

    @property
    def leases(self) -> int:
        return len(self.offsets) - 1

    @property
    def amount(self) -> Ints:
        return self.interest + self.principal

    @classmethod
    def of_schedules(cls, schedules: Sequence[Sequence[Receivable]]) -> ReceivableColumns:
        """From scalar schedules, one a lease."""
        rows = [row for rows in schedules for row in rows]
        return cls(
            offsets=np.cumsum([0, *(len(rows) for rows in schedules)], dtype=np.int64),
            due=np.array([days_of(row.due_on) for row in rows], np.int32),
            interest=np.array([row.interest_minor for row in rows], np.int64),
            principal=np.array([row.principal_minor for row in rows], np.int64),
            kind=np.array([KIND_CODES[row.kind] for row in rows], np.int8),
            unfit=np.zeros(len(schedules), np.bool_),
        )

    def with_schedules(self, others: Mapping[int, Sequence[Receivable]]) -> ReceivableColumns:
        """The same with the schedules of some leases (by position) replaced."""
        if not others:
            return self
        places = sorted(others)
        new = self.of_schedules([others[place] for place in places])
        counts = np.diff(self.offsets)
        counts[places] = np.diff(new.offsets)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        changed, unfit = np.zeros(self.leases, np.bool_), self.unfit.copy()
        changed[places], unfit[places] = True, False
        kept = np.repeat(~changed, np.diff(self.offsets))
        target = np.repeat(~changed, counts)

        def merged(old: npt.NDArray[Any], fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
            out = np.empty(int(offsets[-1]), old.dtype)
            out[target], out[~target] = old[kept], fresh
            return out

        return ReceivableColumns(
            offsets=offsets,
            due=merged(self.due, new.due),
            interest=merged(self.interest, new.interest),
            principal=merged(self.principal, new.principal),
            kind=merged(self.kind, new.kind),
            unfit=unfit,
        )

    @classmethod
    def joined(cls, parts: Sequence[ReceivableColumns]) -> ReceivableColumns:
        """Portfolios one after another."""
        lengths = [np.diff(part.offsets) for part in parts]
        return cls(
            offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(lengths))]),
            due=np.concatenate([part.due for part in parts]),
            interest=np.concatenate([part.interest for part in parts]),
            principal=np.concatenate([part.principal for part in parts]),
            kind=np.concatenate([part.kind for part in parts]),
            unfit=np.concatenate([part.unfit for part in parts]),
        )


def schedule_columns(terms: TermColumns) -> ReceivableColumns:
    """Every receivable of every lease: `schedule` for columns, in chunks that bound memory."""
    if not len(terms):
        return ReceivableColumns.of_schedules([])
    starts = range(0, len(terms), _CHUNK)
    return ReceivableColumns.joined([_chunk(terms.part(at, at + _CHUNK)) for at in starts])


def residual_principal_columns(terms: TermColumns) -> Ints:
    """`schedule.residual_principal` elementwise (int64 minor units)."""
    unit = PERIODS_A_YEAR * RATE_SCALE
    grown = unit + terms.rate_scaled
    discounted = (2 * terms.residual * unit + grown) // (2 * grown)
    flat = terms.pattern == PATTERN_CODES[Pattern.FLAT_FEE]
    whole = (terms.timing == TIMING_CODES[Timing.ARREARS]) | flat
    return np.where(whole, terms.residual, discounted)


def _chunk(terms: TermColumns) -> ReceivableColumns:
    n, longest = len(terms), int(terms.term.max())
    interest = np.zeros((longest + 1, n), np.int64)
    principal = np.zeros((longest + 1, n), np.int64)
    left = residual_principal_columns(terms)
    _fill_rents(terms, terms.financed - left, interest, principal)
    cells = np.arange(longest + 1)[:, None]
    is_rent = cells < terms.term
    is_residual = (cells == terms.term) & (terms.residual > 0)
    interest = np.where(is_residual, terms.residual - left, interest)
    principal = np.where(is_residual, left, principal)
    unfit = ((interest < 0) | (principal < 0)).any(axis=0) | (terms.financed < left)
    owned = (is_rent | is_residual) & ~unfit
    months = np.broadcast_to(cells, owned.shape).T[owned.T]
    lease = np.broadcast_to(np.arange(n), owned.shape).T[owned.T]
    residual = is_residual.T[owned.T]
    due = add_months_columns(terms.first_payment[lease], months)
    option = terms.residual_kind == RESIDUAL_CODES[ResidualKind.UNGUARANTEED]
    residual_code = np.where(
        option, KIND_CODES[ReceivableKind.OPTION], KIND_CODES[ReceivableKind.RESIDUAL]
    )
    return ReceivableColumns(
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(owned.sum(axis=0))]),
        due=np.where(residual, terms.maturity[lease], due).astype(np.int32),
        interest=interest.T[owned.T],
        principal=principal.T[owned.T],
        kind=np.where(residual, residual_code[lease], 0).astype(np.int8),
        unfit=unfit,
    )


def _fill_rents(terms: TermColumns, to_repay: Ints, interest: Ints, principal: Ints) -> None:
    """Rents period by period, all leases at once; rows past a lease's term stay zero."""
    unit = PERIODS_A_YEAR * RATE_SCALE
    flat = terms.pattern == PATTERN_CODES[Pattern.FLAT_FEE]
    level = terms.pattern == PATTERN_CODES[Pattern.LEVEL]
    advance = terms.timing == TIMING_CODES[Timing.ADVANCE]
    share, odd = np.divmod(to_repay, terms.term)
    balance, repaid = terms.financed.copy(), np.zeros(len(terms), np.int64)
    for k in range(int(terms.term.max())):
        live, last = k < terms.term, k == terms.term - 1
        equal = share + np.where(flat, odd * last, k < odd)
        accrued = (2 * balance * terms.rate_scaled + unit) // (2 * unit)
        if k == 0:
            accrued = np.where(advance, 0, accrued)
        due = np.where(flat, terms.rent - share, accrued)
        part = np.where(level, np.where(last, to_repay - repaid, terms.rent - due), equal)
        interest[k] = np.where(live, due, 0)
        principal[k] = np.where(live, part, 0)
        balance -= principal[k]
        repaid += principal[k]
