"""Papers of vehicles in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from origination.domain.papers import Paper, Standing

PAPERS = {
    Paper.COMPULSORY: _("Compulsory insurance"),
    Paper.COMMERCIAL: _("Commercial insurance"),
    Paper.REGISTRATION: _("Registration and inspection"),
    Paper.MORTGAGE: _("Mortgage at the vehicle office"),
}
#: standing → (tone of its pill, words)
STANDINGS = {
    Standing.MISSING: ("neutral", _("None on record")),
    Standing.VALID: ("success", pgettext_lazy("a paper", "Valid")),
    Standing.EXPIRING: ("warning", _("Expires soon")),
    Standing.EXPIRED: ("danger", _("Expired")),
}
