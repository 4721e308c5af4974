"""Forms of the trust page."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ledger.core.errors import LedgerError
from ledger.core.notes import COSIGNATURES, NoteKey
from ledger.core.policy import PolicyError
from ledger.models import Witness
from ledger.outbound import check_reachable
from ledger.problems import AddressRefused
from ledger.reasons.pages import reason
from ledger.witnessing.asking import MAX_KEYS
from ledger.witnessing.trust import check_policy


def _text(problem, part):
    from django.utils.translation import gettext

    return problem.text(part, gettext)


class WitnessForm(forms.Form):
    """Somebody outside who is to cosign each checkpoint."""

    label = forms.CharField(label=_("Name"), max_length=120)
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("Where it takes checkpoints, without add-checkpoint at the end."),
    )
    vkeys = forms.CharField(
        label=_("Verifier keys"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
        help_text=format_lazy(
            "{} {}",
            _("One a line, as the witness publishes them (type 0x04 or 0x06)."),
            _("Added, it counts as one of those that must cosign while the default policy holds."),
        ),
    )

    def clean_url(self):
        url = self.cleaned_data["url"].rstrip("/")
        try:
            check_reachable(url)
        except AddressRefused as problem:
            raise ValidationError(
                f"{_text(problem, 'detail')} {_text(problem, 'mend')}"
            ) from problem
        if Witness.objects.filter(url=url).exists():
            raise ValidationError(_("A witness at this address is asked already."))
        return url

    def clean_vkeys(self):
        found = []
        for text in self.cleaned_data["vkeys"].split():
            try:
                key = NoteKey.parse(text)
            except LedgerError as error:
                raise ValidationError(
                    _("This key cannot be read: %(reason)s."), params={"reason": reason(error)}
                ) from error
            if key.kind not in COSIGNATURES:
                raise ValidationError(
                    _("%(name)s is not the key of a cosigner."), params={"name": key.name}
                )
            found.append(key.vkey())
        if len(keys := dict.fromkeys(found)) > MAX_KEYS:
            raise ValidationError(
                _("A witness has at most %(most)s keys."), params={"most": MAX_KEYS}
            )
        return "\n".join(keys)


class PolicyForm(forms.Form):
    """The trust policy of this log; empty for the default."""

    text = forms.CharField(
        label=_("Trust policy"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "class": "mono", "spellcheck": "false", "wrap": "off"}
        ),
        help_text=_("A C2SP tlog-policy. Leave it empty to go back to the default."),
    )

    def clean_text(self):
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if not text.strip():
            return ""
        text = text if text.endswith("\n") else f"{text}\n"
        try:
            check_policy(text)
        except PolicyError as error:
            template = _("Line %(line)s: %(reason)s.") if error.line else _("%(reason)s.")
            raise ValidationError(
                template, params={"line": error.line, "reason": reason(error.detail)}
            ) from error
        return text
