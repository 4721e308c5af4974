"""The files a lessor would hand over."""

import polars as pl

from origination.generator.frames import LEASE_FIELDS
from origination.generator.spec import portfolio_of
from origination.generator.tape import write_tapes


def test_tapes_hold_every_lease_once_and_payments_name_contracts(tmp_path):
    spec = portfolio_of(500, partition_leases=150)
    written = list(write_tapes(spec, tmp_path))
    assert written == [("ANDA", 150), ("ANDA", 150), ("ANDA", 100), ("XINGYU", 100)]
    tape = pl.read_csv(tmp_path / "anda" / "tape.csv", infer_schema=False)
    assert tuple(tape.columns) == LEASE_FIELDS
    assert tape["contract_number"].n_unique() == len(tape) == 400
    payments = pl.read_parquet(tmp_path / "anda" / "payments-*.parquet")
    assert set(payments["contract_number"]) <= set(tape["contract_number"])
    assert payments["bank_reference"].is_unique().all()
