"""A decision as one file: inputs, votes and results, which an outsider re-runs.

Pure. Every field of the terms, votes and results has its SHA-256 in the manifest; the candidates
have one a row and one a column, so that a changed cell is where a wrong row meets a wrong column.
The manifest's own hash (`seal`) belongs on the ledger: whoever has it notices a changed manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pools.packaging.propose import PoolTerms, Proposal, propose, tally
from pools.structure.plain import from_plain, to_plain
from tenants.problems import Invalid, Problem

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed, or does not follow from the inputs."""

    field: str
    what: str


_UNREADABLE = (
    KeyError, TypeError, ValueError, AttributeError, pl.exceptions.PolarsError, Problem,
)  # fmt: skip
#: Everything that a bundle holds.
_PARTS = {"about", "terms", "votes", "quorum", "candidates", "results", "manifest"}


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _leaves(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, dict) and value:
        found: dict[str, Any] = {}
        for key, item in value.items():
            found |= _leaves(item, f"{path}.{key}")
        return found
    if isinstance(value, list) and value:
        found = {}
        for place, item in enumerate(value):
            found |= _leaves(item, f"{path}[{place}]")
        return found
    return {path: value}


def _manifest(bundle: Plain) -> Plain:
    columns: Mapping[str, list[Any]] = bundle["candidates"]
    fields: dict[str, Any] = {}
    for part in ("about", "terms", "votes", "quorum", "results"):
        fields |= _leaves(bundle[part], part)
    names = sorted(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    return {
        "fields": {path: _hash(value) for path, value in fields.items()},
        "columns": {name: _hash(columns[name]) for name in names},
        "rows": [_hash(list(row)) for row in rows],
    }


def results_of(proposal: Proposal, votes: Mapping[str, bool], quorum: int) -> Plain:
    """What a bundle claims and a re-run derives again."""
    return {
        "approved": tally(votes, quorum=quorum),
        "failures": proposal.evaluation.counts(),
        "eligible": int(proposal.evaluation.eligible.sum()),
        "selection": proposal.assets["asset"].to_list(),
        "balance_minor": proposal.packing.balance_minor,
        "net_value_minor": int(proposal.assets["net_value_minor"].sum()),
        "price_minor": proposal.price_minor,
        "tranches": {item.name: item.original_minor for item in proposal.deal.tranches},
    }


def make_bundle(
    candidates: pl.DataFrame,
    terms: PoolTerms,
    proposal: Proposal,
    *,
    votes: Mapping[str, bool],
    quorum: int,
    about: Mapping[str, str] | None = None,
) -> Plain:
    """The bundle of a decision, as plain data for `json.dump`.

    `about` names what it belongs to: pool, facility, the screening's results root.
    """
    bundle: Plain = {
        "about": dict(about or {}),
        "terms": to_plain(terms),
        "votes": dict(votes),
        "quorum": quorum,
        "candidates": candidates.to_dict(as_series=False),
        "results": results_of(proposal, votes, quorum),
    }
    bundle["manifest"] = _manifest(bundle)
    return bundle


def seal(bundle: Plain) -> str:
    """SHA-256 of the manifest, in hex: what goes on the ledger."""
    return _hash(bundle["manifest"])


def check_bundle(bundle: Plain, *, sealed: str | None = None) -> list[Finding]:
    """Everything that was altered or does not follow; empty when the decision stands.

    Raises `Invalid` for a file that is no bundle. With `sealed` (from the ledger) the manifest
    itself is held against it; without, only what the manifest and the re-run can tell is told.
    """
    findings: list[Finding] = []
    try:
        findings += _altered(bundle)
        if sealed is not None and seal(bundle) != sealed:
            findings.append(Finding("manifest", "is not the one on the ledger"))
        terms = from_plain(PoolTerms, bundle["terms"])
        candidates = pl.DataFrame(bundle["candidates"])
        votes, quorum, claimed = bundle["votes"], bundle["quorum"], bundle["results"]
    except _UNREADABLE as error:
        if findings:  # what cannot be read any more was altered, and is named
            return findings
        raise Invalid(
            code="bundle_malformed",
            detail="This file is not a decision bundle: %(error)s.",
            mend="Export the decision again.",
            params={"error": repr(error)},
        ) from error
    return findings or _rerun(candidates, terms, votes, quorum, claimed)


def _altered(bundle: Plain) -> list[Finding]:
    was, now = bundle["manifest"], _manifest(bundle)
    paths = sorted(set(was["fields"]) | set(now["fields"]))
    found = [path for path in paths if was["fields"].get(path) != now["fields"].get(path)]
    found += sorted(set(bundle) ^ _PARTS) + sorted(f"manifest.{key}" for key in set(was) ^ set(now))
    found += _altered_cells(was, now)
    return [Finding(path, "was altered") for path in found]


def _altered_cells(was: Plain, now: Plain) -> list[str]:
    """Where a wrong row meets a wrong column; a row or column that is wrong alone by itself."""
    names = sorted(set(was["columns"]) | set(now["columns"]))
    columns = [name for name in names if was["columns"].get(name) != now["columns"].get(name)]
    if len(was["rows"]) != len(now["rows"]):
        return ["candidates"]
    pairs = zip(was["rows"], now["rows"], strict=True)
    rows = [place for place, (before, after) in enumerate(pairs) if before != after]
    if rows and columns:
        return [f"candidates[{row}].{name}" for row in rows for name in columns]
    return [f"candidates[{row}]" for row in rows] + [f"candidates.{name}" for name in columns]


def _rerun(
    candidates: pl.DataFrame,
    terms: PoolTerms,
    votes: Mapping[str, bool],
    quorum: int,
    claimed: Plain,
) -> list[Finding]:
    try:
        derived = results_of(propose(candidates, terms), votes, quorum)
    except Problem as problem:
        return [Finding("results", f"cannot be derived: {problem.code}")]
    was, now = _leaves(claimed, "results"), _leaves(derived, "results")
    differing = [path for path in sorted(set(was) | set(now)) if was.get(path) != now.get(path)]
    return [
        Finding(path, f"says {was.get(path)!r}, the inputs give {now.get(path)!r}")
        for path in differing
    ]
