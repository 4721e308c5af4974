"""Forms about documents."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pools.circular.issue import OFFERED
from pools.models import Pool

MAX_MEGABYTES = 100  # an asset-level tape of 25,000 leases has about 80


class CheckForm(forms.Form):
    """A file whose hash is looked for on the ledger; the file itself is not kept."""

    file = forms.FileField(
        label=_("Document"), help_text=_("It is hashed here and not kept; up to 100 MB.")
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 100 MB: give the original."))
        return file


def offered_pools():
    """Pools about which a circular may be issued, the newest first."""
    return Pool.objects.filter(state__in=OFFERED)


class CircularForm(forms.Form):
    """Whose circular, and in which language."""

    pool = forms.ModelChoiceField(queryset=Pool.objects.none(), label=_("Pool"), empty_label=None)
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pool"].queryset = offered_pools()
