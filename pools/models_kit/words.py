"""The verdicts of a test, as they stand in its report."""

PASS, FAIL, TOO_FEW = "pass", "fail", "too_few_events"
