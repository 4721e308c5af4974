"""A child that does not outlive the process that started it, not even after a kill -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Mapping

PARENT = "LL_PARENT"
_PR_SET_PDEATHSIG = 1


def environment_of_child() -> Mapping[str, str]:
    """What to add to the environment of a child that is to end with this process."""
    return {PARENT: str(os.getpid())}


def end_with_parent() -> None:
    """In the child: be asked to stop (SIGTERM) when the parent named in the environment is gone.

    Linux only; elsewhere a child of a killed parent goes on until it is stopped.
    """
    parent = os.environ.pop(PARENT, "")  # not for our own children
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGTERM)
