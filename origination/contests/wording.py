"""Rights and outcomes in words."""

from django.utils.translation import gettext_lazy as _

from tenants.models import ContestState
from tenants.registry import RIGHTS

RIGHT_NAMES = {
    "receivables": _("Receivables"),
    "ownership": _("Ownership"),
    "mortgage": _("Mortgage"),
    "residual": _("Residual value"),
}
RIGHT_CHOICES = [(right, RIGHT_NAMES[right]) for right in RIGHTS]
OUTCOME_CHOICES = [
    (ContestState.UPHELD, _("Uphold it: the right is released")),
    (ContestState.DISMISSED, _("Dismiss it: the right stays where it is")),
]
