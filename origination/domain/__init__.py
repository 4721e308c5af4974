"""The lease as pure computation: fields, schedules, rates, allocation. No Django, no clock.

Scalar functions (Decimal, int) are the reference; `*_columns` modules compute the same figures for
whole portfolios and are tested to equal them.
"""
