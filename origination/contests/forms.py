"""What is written in a contest. Each form names everything that is wrong, as its service does."""

from collections.abc import Iterable

from django import forms
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.contests.wording import OUTCOME_CHOICES, RIGHT_CHOICES
from origination.domain import contesting as rules
from origination.domain.contesting import Paper
from tenants.problems import FieldError
from tenants.registry import RIGHTS

_LONG = forms.Textarea(attrs={"rows": 6})


def _long(name: str, label, reader) -> forms.CharField:
    """A text of the rules' length, with that and who reads it said beside it."""
    least, most = rules.LENGTHS[name]
    said = format_lazy("{} {}", lazy(_from_to, str)(least, most), reader)
    return forms.CharField(label=label, widget=_LONG, help_text=said)


def _from_to(least: int, most: int) -> str:
    return gettext("From %(least)s to %(most)s characters.") % {
        "least": f"{least:,}", "most": f"{most:,}"
    }  # fmt: skip


def paper_of(file) -> Paper | None:
    """An uploaded file, read no further than what tells that it is too large."""
    return Paper(file.name, file.read(rules.MAX_PAPER_BYTES + 1)) if file else None


class _Checked(forms.Form):
    def add(self, errors: Iterable[FieldError]) -> None:
        """Errors of the rules beside their fields, where the form itself has found none."""
        for error in errors:
            if error.field in self.fields and error.field not in self.errors:
                texts = error.as_dict(gettext)
                self.add_error(error.field, f"{texts['detail']} {texts['mend']}".strip())

    @property
    def paper(self) -> Paper | None:
        if not hasattr(self, "_paper"):
            self._paper = paper_of(self.files.get("evidence"))
        return self._paper

    def text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")


class ContestForm(_Checked):
    """What is contested, and why."""

    vin = forms.CharField(label=_("VIN"), max_length=40)
    right = forms.ChoiceField(label=_("Right"), choices=RIGHT_CHOICES)
    statement = _long(
        "statement", _("Statement"),
        _(
            "Whoever is asked reads it, without your name. Leave out what says who you are, if they"
            " are not to know."
        ),
    )  # fmt: skip
    evidence = forms.FileField(
        label=_("Evidence"), help_text=_("PDF, JPEG or PNG, 10 MiB. Only the operator reads it.")
    )

    def clean(self):
        data = super().clean()
        vin = "".join(self.text("vin").split()).upper()
        statement, right = self.text("statement"), self.text("right")
        self.add(rules.check_filing(vin, right, statement, self.paper, RIGHTS))
        return data


class AnswerForm(_Checked):
    """Why the right should stand."""

    statement = _long("statement", _("Statement"), _("The operator reads it, nobody else."))
    evidence = forms.FileField(
        label=_("Evidence"), required=False, help_text=_("PDF, JPEG or PNG, 10 MiB.")
    )
    entry = forms.IntegerField(
        label=_("Entry of your ledger"), required=False, min_value=0, max_value=2**62,
        help_text=_("The number of an entry that shows it; it is proven to the operator."),
    )  # fmt: skip
    proof = forms.FileField(
        label=_("Its proof"), required=False,
        help_text=_("A .tlog-proof file, if you want to show a certain one."),
    )  # fmt: skip

    def clean(self):
        data = super().clean()
        self.add(rules.check_text("statement", self.text("statement")))
        self.add(rules.check_paper(self.paper, needed=False))
        return data

    @property
    def proof_bytes(self) -> bytes | None:
        file = self.cleaned_data["proof"]
        return file.read(1 << 16) if file else None


class DecisionForm(_Checked):
    """How a contest should end."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=[("", _("Choose")), *OUTCOME_CHOICES])
    reason = _long("reason", _("Reason"), _("All sides read it: name none of them."))
