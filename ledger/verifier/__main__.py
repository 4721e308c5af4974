"""`python -m ledger.verifier`: see `command`. What is not installed here is no lie of a file's."""

import sys

try:
    from ledger.verifier.command import main
except ModuleNotFoundError as missing:
    if missing.name is None or missing.name.split(".")[0] != "Crypto":
        raise
    print(
        "the verifier needs pycryptodome, which this Python lacks: pip install pycryptodome",
        file=sys.stderr,
    )
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main())
