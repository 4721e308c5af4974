"""Rules of a tape: fields beside each other, each rule with its severity, words and mend."""

from origination.domain.tapes.rules.judging import (
    ACROSS,
    ACROSS_FIELDS,
    BY_ID,
    RULES,
    judge,
    judge_across,
    severity_of,
)
from origination.domain.tapes.rules.shape import SEVERITY_WORDS, Rule

__all__ = [
    "ACROSS",
    "ACROSS_FIELDS",
    "BY_ID",
    "RULES",
    "SEVERITY_WORDS",
    "Rule",
    "judge",
    "judge_across",
    "severity_of",
]
