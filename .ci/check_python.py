"""One clear line when this Python cannot carry the product. Runs on any Python 3."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "LeaseLedger needs Python 3.11 or newer; this is %d.%d. Try: make demo PYTHON=python3.12"
        % sys.version_info[:2]
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit("Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv")
