"""An outsider proves the trust's record offline and finds the one altered byte."""

from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories.probes import now
from config.stories.telling import Fact, Page, Story, StoryStep
from ledger.services.export import write_bundle
from ledger.verifier.check import Lie, Report, verify_bundle


def _bundle() -> bytes:
    """Inside the trust: the whole of its log with every payload open, as an export has it."""
    stream = BytesIO()
    write_bundle(stream=stream, at=now(), disclose=True)
    return stream.getvalue()


def verdict_on(bundle: bytes) -> Report | Lie:
    """What the offline verifier says."""
    try:
        return verify_bundle(BytesIO(bundle), portable=False)
    except Lie as lie:
        return lie


def with_one_bit_flipped(bundle: bytes, place: int) -> bytes:
    """The bundle with the lowest bit of one byte changed."""
    altered = bytearray(bundle)
    altered[place] ^= 1
    return bytes(altered)


def _proven() -> list[Fact]:
    bundle = _bundle()
    said = verdict_on(bundle)
    if isinstance(said, Lie):
        return [Fact(_("Verdict"), str(said), holds=False)]
    return [
        Fact(_("Bytes of the export"), f"{len(bundle):,}"),
        Fact(_("Entries proven"), f"{said.entries:,}", holds=said.entries > 0),
        Fact(_("Signatures checked"), f"{said.signatures:,}", holds=said.signatures > 0),
        Fact(_("Payloads opened and found as signed"), f"{said.payloads:,}"),
        Fact(_("Checkpoints"), f"{said.checkpoints:,}", holds=said.checkpoints > 0),
    ]


def _altered() -> list[Fact]:
    """One bit at a time, at three places of the file."""
    bundle = _bundle()
    facts = []
    for share in (3, 5, 9):
        place = len(bundle) * share // 10
        said = verdict_on(with_one_bit_flipped(bundle, place))
        label = _("Bit flipped in byte {place}").format(place=f"{place:,}")
        facts.append(
            Fact(
                label,
                str(said) if isinstance(said, Lie) else _("not noticed"),
                isinstance(said, Lie),
            )
        )
    return facts


STORY = Story(
    slug="the-decision-re-run",
    title=lazy("The decision re-run"),
    lead=lazy(
        "Somebody who trusts nobody takes the trust's export home, proves it without our software's"
        " database, and names what was altered."
    ),
    icon="shield",
    steps=(
        StoryStep(
            lazy("The export proves itself"),
            lazy(
                "Made and verified now: every entry in its place, each signed by a key that the log"
                " itself had approved, every payload as it was signed. The same is done at home"
                " with: python -m ledger.verifier EXPORT"
            ),
            Page("trust", "ledger", lazy("The trust's ledger")),
            "trust",
            _proven,
        ),
        StoryStep(
            lazy("One altered bit is named"),
            lazy(
                "The same export with a single bit changed, at three places. The verifier says"
                " where."
            ),
            Page("trust", "ledger", lazy("The trust's ledger")),
            "trust",
            _altered,
        ),
    ),
)
