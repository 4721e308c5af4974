"""How a portfolio performs, as pure computation over columns: no Django, no clock, no database.

Amounts are int64 minor units, dates int32 days since 1970-01-01, ratios float64. Formulas and
conventions: `docs/glossary.md`; each function names its source.
"""
