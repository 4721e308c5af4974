"""Generated rows, named by the ids that a lessor's book gave their leases."""

import polars as pl

from config.demo.scene import Scene
from origination.models import Lease


def with_rids(scene: Scene, schema: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of events with `lease_rid` (text) in the place of `lease_row`."""
    with scene.inside(schema):
        book = pl.DataFrame(
            [
                (number, str(rid))
                for number, rid in Lease.objects.values_list("contract_number", "rid")
            ],
            schema={"contract_number": pl.String, "lease_rid": pl.String},
            orient="row",
        )
    rows = scene.portfolio.leases.select("lease_row", "contract_number").join(
        book, on="contract_number"
    )
    joined = frame.join(rows.drop("contract_number"), on="lease_row", maintain_order="left")
    return joined.select("lease_rid", pl.exclude("lease_rid", "lease_row"))
