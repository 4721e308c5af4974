"""The registry's one refusal."""

from collections.abc import Iterable
from uuid import UUID

from tenants.problems import Refused


class RightUnavailable(Refused):
    """Somebody holds the right already, or it was never claimed: the same answer for all."""

    code = "right_unavailable"
    title = "This right is not available."
    detail = "The right on this vehicle cannot be claimed, pledged or sold at present."
    mend = "Check the vehicle with its owner, or contest the refusal with the platform's operator."

    def __init__(self, claim_ids: Iterable[UUID] = ()) -> None:
        super().__init__()
        self.claim_ids = tuple(claim_ids)
