"""Expect a domain refusal by its code, which is stable; its words are not."""

from __future__ import annotations

import pytest

from tenants.problems import Problem


def refused(code: str) -> pytest.RaisesExc[Problem]:
    """`with refused("no_yield"):` passes only if a `Problem` of that code is raised."""
    return pytest.raises(Problem, check=lambda problem: problem.code == code)
