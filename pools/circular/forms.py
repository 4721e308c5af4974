"""Forms about documents."""

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_MEGABYTES = 20


class CheckForm(forms.Form):
    """A file whose hash is looked for on the ledger; the file itself is not kept."""

    file = forms.FileField(
        label=_("Document"), help_text=_("It is hashed here and not kept; up to 20 MB.")
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 20 MB: give the original PDF."))
        return file
