"""What the pages say of a copy's health: a state in words, its tone, and what to do about it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.exchange.health import Elsewhere, Here, State
from ledger.refusal_words import refusal_words
from tenants.templatetags.ui import institution

_TONES = {
    State.FORKED: "danger",
    State.GONE: "danger",
    State.REFUSED: "warning",
    State.STALLED: "warning",
    State.SILENT: "warning",
    State.LATE: "warning",
    State.NEW: "neutral",
    State.COMING: "info",
    State.WHOLE: "success",
}


def tone(copy: Elsewhere | Here) -> str:
    """Of the pill."""
    return _TONES[copy.state]


def state_word(copy: Elsewhere | Here) -> str:
    """The pill's word."""
    ours = isinstance(copy, Elsewhere)
    return {
        State.FORKED: _("Two histories"),
        State.GONE: _("Lost there"),
        State.REFUSED: _("Refused by them") if ours else _("Refused by us"),
        State.STALLED: _("Entries withheld"),
        State.SILENT: _("Silent"),
        State.LATE: _("Late"),
        State.NEW: _("Not sent yet") if ours else _("Nothing came yet"),
        State.COMING: _("On its way"),
        State.WHOLE: _("Complete"),
    }[copy.state]


def advice(copy: Elsewhere | Here) -> str:
    """What to do; empty while all is well."""
    if copy.state.is_well:
        return ""
    if copy.refusal is not None and copy.state == State.REFUSED:
        words = refusal_words(copy.refusal.code)
        return str(words.sender if isinstance(copy, Elsewhere) else words.receiver)
    if isinstance(copy, Elsewhere):
        return {
            State.FORKED: str(refusal_words("forked").sender),
            State.GONE: _(
                "Their tables are gone: nothing is kept there until their operator restores them."
            ),
            State.SILENT: _("Call them: their system takes in nothing, or cosigns nothing."),
            State.LATE: _("Wait an hour; then ask your operator whether parcels are sent."),
        }.get(copy.state, "")
    return {
        State.FORKED: str(refusal_words("forked").receiver),
        State.STALLED: str(refusal_words("stalled").receiver),
        State.SILENT: str(refusal_words("silent").receiver),
    }.get(copy.state, "")


def verdict(
    elsewhere: Sequence[Elsewhere], here: Sequence[Here], *, sends: bool
) -> dict[str, object]:
    """The page's first words: tone, title, body, and a line for each copy that is not well.

    `sends`: there is a log of one's own that is meant to be kept by others; an auditor's is not.
    """
    copies = [*elsewhere, *here]
    ill = [copy for copy in copies if not copy.state.is_well]
    if not copies:
        return {
            "tone": "warning",
            "title": _("There is no copy yet"),
            "body": _("Copies begin with the first counterparty that exchanges entries with you."),
        }
    kept = sum(1 for copy in elsewhere if copy.cosigned_size)
    without = [copy for copy in elsewhere if not copy.cosigned_size]
    if not ill and without:
        return {
            "tone": "warning",
            "title": ngettext(
                "%(count)s counterparty holds nothing of your log yet",
                "%(count)s counterparties hold nothing of your log yet",
                len(without),
            )
            % {"count": len(without)},
            "lines": [
                {"name": _name(copy), "state": state_word(copy), "mend": _first()}
                for copy in without
            ],
        }
    if not ill and not elsewhere:
        return _only_here(len(here), sends)
    if not ill:
        return {
            "tone": "success",
            "title": _("All copies are healthy"),
            "body": _("Your log is kept by %(elsewhere)s, and %(here)s kept here.")
            % {
                "elsewhere": ngettext("%(count)s counterparty", "%(count)s counterparties", kept)
                % {"count": kept},
                "here": ngettext("%(count)s copy is", "%(count)s copies are", len(here))
                % {"count": len(here)},
            },
        }
    return {
        "tone": "danger" if any(_TONES[copy.state] == "danger" for copy in ill) else "warning",
        "title": ngettext(
            "%(count)s copy is not healthy", "%(count)s copies are not healthy", len(ill)
        )
        % {"count": len(ill)},
        "lines": [
            {"name": _name(copy), "state": state_word(copy), "mend": advice(copy)} for copy in ill
        ],
    }


def held_up(count: int) -> dict[str, object]:
    """Instead of good news, while one's own ledger stands still or is lost."""
    return {
        "tone": "warning",
        "title": _("Your own ledger stands still: nothing of it is sent"),
        "body": ngettext(
            "Others hold of it what they cosigned before. %(count)s copy that is kept here is "
            "healthy.",
            "Others hold of it what they cosigned before. %(count)s copies that are kept here are "
            "healthy.",
            count,
        )
        % {"count": count},
    }


def _only_here(count: int, sends: bool) -> dict[str, object]:
    """Copies of others' logs are kept, and there is none of one's own."""
    healthy = ngettext(
        "%(count)s copy that is kept here is healthy",
        "%(count)s copies that are kept here are healthy",
        count,
    ) % {"count": count}
    if not sends:
        body = _("Your own log is sent to nobody, so that nobody keeps a copy of it.")
        return {"tone": "success", "title": healthy, "body": body}
    begins = _("Copies begin with the first counterparty that exchanges entries with you.")
    return {"tone": "warning", "title": _("Nobody keeps a copy of your log"), "body": begins}


def _first() -> str:
    return _("The first entries travel by themselves. After an hour ask your operator.")


def _name(copy: Elsewhere | Here) -> str:
    if isinstance(copy, Elsewhere):
        return _("Your log with %(name)s") % {"name": institution(copy.holder)}
    return _("Log of %(name)s, here") % {"name": institution(copy.of)}
