"""The files a lessor would hand over."""

import polars as pl
from django.core.management import call_command

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


def test_the_command_writes_tapes(tmp_path, capsys):
    call_command("generate_tape", str(tmp_path), leases=50, seed=3)
    assert capsys.readouterr().out.splitlines()[:2] == [
        "ANDA: 40 leases, 40 in all",
        "XINGYU: 10 leases, 50 in all",
    ]
    assert len(pl.read_csv(tmp_path / "xingyu" / "tape.csv")) == 10
