"""A pytest plugin that settles, before settings are read, which PostgreSQL the tests use.

Without DATABASE_URL it is an embedded server with fsync off, kept running between runs (starting
costs half a second, stopping it would cut off a run beside ours); `make test` stops it at the end.
"""

import os
from pathlib import Path

# before config.environment is imported, which reads it once
_VAR = Path(os.environ.get("LL_VAR", Path(__file__).resolve().parent.parent / "var"))
os.environ.setdefault("LL_POSTGRES_ROOT", str(_VAR / "test-postgres"))
os.environ["LL_DB_ROLE"] = "app"
os.environ["LL_DB_POOL"] = "0"
os.environ.setdefault("LL_LOG_LEVEL", "WARNING")
os.environ.setdefault("PROCRASTINATE_TESTING", "1")
