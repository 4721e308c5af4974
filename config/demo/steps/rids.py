"""Generated rows, named by the ids that a lessor's book gave their leases."""

import polars as pl

from config.demo.scene import Scene
from origination.models import Lease

#: Up to so many are asked for by their numbers: a day names hundreds of a book of many thousands.
_FEW = 2_000


def with_rids(scene: Scene, schema: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of events with `lease_rid` (text) in the place of `lease_row`."""
    named = frame.select(pl.col("lease_row").unique())
    rows = scene.portfolio.leases.select("lease_row", "contract_number").join(named, on="lease_row")
    with scene.inside(schema):
        leases = Lease.objects.all()
        if len(rows) <= _FEW:
            leases = leases.filter(contract_number__in=rows["contract_number"].to_list())
        book = pl.DataFrame(
            [(number, str(rid)) for number, rid in leases.values_list("contract_number", "rid")],
            schema={"contract_number": pl.String, "lease_rid": pl.String},
            orient="row",
        )
    rows = rows.join(book, on="contract_number")
    joined = frame.join(rows.drop("contract_number"), on="lease_row", maintain_order="left")
    return joined.select("lease_rid", pl.exclude("lease_rid", "lease_row"))
