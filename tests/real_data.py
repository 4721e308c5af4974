"""The public files that lie beside the project, never in it."""

import pytest

from config.environment import BASE_DIR

FOLDER = BASE_DIR.parent / "shared" / "data"
LOANS_A = FOLDER / "sec_auto_loans" / "ally_2017_3_a.csv.gz"
LOANS_B = FOLDER / "sec_auto_loans" / "ally_2017_3_b.csv.gz"
USED_CARS = FOLDER / "used_cars_us" / "vehicles_us.csv.gz"
TERMINATIONS = [
    FOLDER / "lease_terminations" / f"mbalt-2017-{months}mo.csv" for months in (24, 30, 39, 48)
]
needs_real_data = pytest.mark.skipif(
    not LOANS_A.exists(), reason="the public files of ../shared/data are not beside this clone"
)
