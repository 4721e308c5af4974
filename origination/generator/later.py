"""What comes after the last simulated month: the rest of every lease's life.

    further = draw_later(spec)
    further.upcoming, further.ends

The months up to there are drawn again, the same bit for bit, and every lease that still lives is
lived on to its end by a stream of its own.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from origination.generator import frames
from origination.generator.events import Book, draw_events
from origination.generator.portfolio import economy_of, lived, places
from origination.generator.risk import Risk
from origination.generator.simulation import NEVER, Lives, World, live_on
from origination.generator.spec import PortfolioSpec

_RECOVERY_DAYS = 400  # after the last end: what defaults still bring
_ENDS = ("distressed_on", "default_on", "settled_on", "matured_on")


@dataclass(frozen=True)
class Later:
    """`upcoming`: bank lines after the last simulated month, as `Portfolio.upcoming`.

    `ends`: by `lease_row`, what the hidden truth says of every lease once all have ended.
    """

    upcoming: pl.DataFrame
    ends: pl.DataFrame


def draw_later(spec: PortfolioSpec) -> Later:
    """All that follows a portfolio of that specification; nothing follows what has run out."""
    economy, _ = economy_of(spec)
    parts = []
    for place, count, level in places(spec, economy):
        drawn = np.random.default_rng([spec.seed, 2, place.first])
        risk, book = lived(place, count, level, economy, drawn)
        parts.append(_later_of(place, risk, book, level))
    together = {
        item.name: pl.concat([getattr(part, item.name) for part in parts]) for item in fields(Later)
    }
    together["upcoming"] = together["upcoming"].sort("known_at", "lease_row", maintain_order=True)
    return Later(**together)


def _later_of(place: frames.Place, risk: Risk, book: Book, level: float) -> Later:
    rng = np.random.default_rng([place.spec.seed, 4, place.first])
    world = World(book.contracts, book.rents, risk, book.economy, level, book.last_day, rng)
    lives = live_on(world, book.lives)
    ended = np.concatenate([getattr(lives, name) for name in _ENDS])
    last_day = int(ended[ended != NEVER].max(initial=book.last_day)) + _RECOVERY_DAYS
    after = replace(book, lives=_only_after(lives, book.last_day), last_day=last_day)
    lines, _prices = draw_events(after, rng)
    serial = pl.Series("lease_row", place.first + np.arange(len(book.contracts)), dtype=pl.Int32)
    ends = [frames.day_or_null(getattr(lives, name)).alias(name) for name in _ENDS]
    upcoming = frames.payment_frame(place, lines, rng, run="L")
    return Later(upcoming, pl.DataFrame([serial, *ends]))


def _only_after(lives: Lives, day: int) -> Lives:
    """The lives without the ends whose lines were drawn before."""

    def after(ended: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(ended > day, ended, NEVER)

    return replace(
        lives,
        default_on=after(lives.default_on),
        settled_on=after(lives.settled_on),
        matured_on=after(lives.matured_on),
    )
