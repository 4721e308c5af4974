"""Write a portfolio as the files a lessor would hand over: a tape and its bank lines.

One folder a lessor: `tape.csv` (fields of `lease.recorded`), `payments-n.parquet` and
`prices-n.parquet` keyed by contract number. Partitions are written as they are drawn, so memory
does not grow with size.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import polars as pl

from origination.generator.frames import LEASE_FIELDS
from origination.generator.portfolio import Portfolio, generate_partitions
from origination.generator.spec import PortfolioSpec


def write_tapes(spec: PortfolioSpec, folder: Path) -> Iterator[tuple[str, int]]:
    """Write every lessor's files under `folder/<code>/`; yields (code, leases) a partition."""
    counts: dict[str, int] = {}
    for portfolio in generate_partitions(spec):
        code = str(portfolio.leases["lessor"][0])
        number = counts.get(code, 0)
        home = folder / code.lower()
        home.mkdir(parents=True, exist_ok=True)
        with (home / "tape.csv").open("ab" if number else "wb") as file:
            write_tape(portfolio, file, header=number == 0)
        by_contract(portfolio, portfolio.payments).write_parquet(
            home / f"payments-{number}.parquet"
        )
        by_contract(portfolio, portfolio.prices).write_parquet(home / f"prices-{number}.parquet")
        counts[code] = number + 1
        yield code, len(portfolio.leases)


def write_tape(portfolio: Portfolio, file: IO[bytes], *, header: bool = True) -> None:
    """The tape's fields as CSV, in the order of `LEASE_FIELDS`, nothing of the truth in it."""
    portfolio.leases.select(LEASE_FIELDS).write_csv(file, include_header=header)


def by_contract(portfolio: Portfolio, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of events with `contract_number` in the place of `lease_row`."""
    numbers = portfolio.leases.select("lease_row", "contract_number")
    joined = frame.join(numbers, on="lease_row", how="left", maintain_order="left")
    return joined.select("contract_number", pl.exclude("lease_row", "contract_number"))
