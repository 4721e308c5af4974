"""A start with everything played is quick: what only steps and models need is loaded by them."""

import json
import subprocess
import sys

from config.environment import BASE_DIR

HEAVY = ("sklearn", "scipy", "numba")
_IMPORT = f"""
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
import config.asgi, config.management.commands.demo
import config.urls.platform, config.urls.lessor
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def test_serving_a_played_demo_loads_no_heavy_library():
    """Each costs a second or more: import it in the function of the step that needs it."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
