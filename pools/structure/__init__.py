"""The liabilities of a deal: its form, tranches, waterfall, triggers and borrowing base, as data.

Pure. Amounts are whole minor units (`int`), rates `Decimal` fractions a year; every interest or fee
is rounded half up exactly once. A deal is checked as a whole (`check_deal`) before money runs
through it (`distribute`).
"""
