"""What was said and shown in a contest, encrypted for it in the shared tables."""

import json
from collections.abc import Mapping
from hashlib import sha256

from origination.domain.contesting import Paper
from tenants.models import Contest, ContestPaper, ContestQuestion
from tenants.registry import seal_for, unseal


def sealed_words(words: Mapping[str, str], owner: Contest | ContestQuestion) -> bytes:
    """A mapping of texts as bytes that only the platform's key opens."""
    return seal_for(json.dumps(dict(words), ensure_ascii=False).encode(), owner.pk)


def words_of(owner: Contest | ContestQuestion) -> dict[str, str]:
    """The inverse: `vin` and `statement` of a contest, `statement` of an answer."""
    return {} if owner.sealed is None else json.loads(unseal(bytes(owner.sealed), owner.pk))


def keep_paper(
    paper: Paper, *, contest: Contest, question: ContestQuestion | None = None
) -> ContestPaper:
    """Keep a checked file."""
    return ContestPaper.objects.create(
        contest=contest,
        question=question,
        file_name=paper.name,
        media_type=paper.media_type,
        size=len(paper.content),
        sha256=paper.sha256,
        sealed=seal_for(paper.content, contest.pk),
    )


def content_of(paper: ContestPaper) -> bytes:
    """The file; raises where it is not what its hash in the ledger says."""
    content = unseal(bytes(paper.sealed), paper.contest_id)
    if sha256(content).hexdigest() != paper.sha256:
        raise ValueError(f"Paper {paper.pk} of contest {paper.contest_id} has other bytes.")
    return content


def hashes(paper: Paper | None) -> dict[str, str]:
    """A paper's fields in a ledger entry."""
    if paper is None:
        return {}
    return {"evidence_name": paper.name, "evidence_sha256": paper.sha256}
