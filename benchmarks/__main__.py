"""`python -m benchmarks [NAME …]`: runs every benchmark module's `figures()` and prints ratios.

A module may need the database: it asks `benchmarks.database` for a throw-away copy.
"""

import importlib
import pkgutil
import sys

import benchmarks

_NOT_BENCHMARKS = {"figures", "binaries", "database", "ledger_rows", "load", "__main__"}


def main(wanted: list[str]) -> int:
    """Run the named modules, or all; 1 when one raised."""
    names = [
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in _NOT_BENCHMARKS and (not wanted or module.name in wanted)
    ]
    failed = 0
    for name in names:
        print(f"── {name}", flush=True)
        try:
            for figure in importlib.import_module(f"benchmarks.{name}").figures():
                print(figure.line(), flush=True)
        except Exception as error:  # one broken benchmark must not hide the others
            failed = 1
            print(f"failed: {type(error).__name__}: {error}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
