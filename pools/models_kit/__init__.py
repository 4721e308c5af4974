"""Risk models and the statistics that try them: pure numpy, SciPy and scikit-learn.

Nothing here reads a database or a clock. Arrays are float64 and one row is one asset unless a
docstring says otherwise.
"""
