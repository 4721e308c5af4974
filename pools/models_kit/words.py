"""The verdicts of a test, as they stand in its report."""

PASS, FAIL, TOO_FEW = "pass", "fail", "too_few_events"

#: Families of default models.
BOOSTING, SCORECARD = "boosting", "scorecard"
FAMILIES = (BOOSTING, SCORECARD)
#: Months that a default probability looks ahead, and that a shadow run lasts.
HORIZON_MONTHS, SHADOW_MONTHS = 12, 3
