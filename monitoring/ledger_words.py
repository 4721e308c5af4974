"""What the fields of the entries that watching writes are called on the ledger's pages."""

from django.utils.translation import gettext_lazy as _

from ledger.field_words import FieldWords, Form
from monitoring.texts import MEASURES, TEXTS

WORDS = (
    FieldWords(
        kinds=("asset.delinquent",),
        labels={
            "turned": _("What turned"),
            "days_past_due": _("Days past due"),
            "bucket": _("Bucket"),
            "arrears_minor": _("Overdue"),
            "balance_minor": _("Outstanding balance"),
        },
        codes={
            "turned": {
                code: TEXTS[code][0]
                for code in ("payment_missed", "delinquency_worse", "asset_defaulted")
            }
        },
    ),
    FieldWords(
        kinds=("trigger.fired",),
        labels={
            "trigger": _("Trigger"),
            "measure": _("Measure"),
            "turned": _("What turned"),
            "on": _("Day"),
            "figure": _("Figure"),
            "threshold": _("Threshold"),
            "effects": _("Effects"),
        },
        codes={
            "measure": MEASURES,
            "trigger": {
                "cumulative-default": MEASURES["cumulative_default_rate"],
                "delinquency-30": MEASURES["delinquency_30"],
                "delinquency-30-average": MEASURES["delinquency_30_average_3m"],
                "delinquency-90": MEASURES["delinquency_90"],
            },
            "turned": {"fired": _("Fired"), "cured": _("Cured")},
            "effects": {
                "alert": _("Alert"),
                "stop_revolving": _("No further assets are bought"),
                "turbo": _("All cash goes to the senior class"),
                "accelerate": _("The notes fall due at once"),
            },
        },
        forms={"figure": Form.PERCENT, "threshold": Form.PERCENT, "effects": Form.CODES},
    ),
)
