"""Issued documents: on the ledger once, proved from it, and every altered copy found out."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from ledger.services import seal_checkpoint
from pools.circular.documents import DocumentLost, content_of, documents_of, verify_content
from pools.circular.issue import issue_circular
from pools.models import IssuedDocument
from tests.pools.circular_sample import sample_content

AT = datetime(2026, 3, 16, 9, tzinfo=UTC)
POOL = UUID(int=11)


def _issue(cast, language="en"):
    with tenant_context(cast.trust):
        return issue_circular(
            pool_id=POOL, content=sample_content(), language=language, by=cast.analyst.pk, at=AT
        )


def test_the_hash_is_on_the_ledger_once(cast, enter):
    first, again = _issue(cast), _issue(cast)
    chinese = _issue(cast, "zh-hans")
    enter(cast.trust)
    assert first.pk == again.pk
    assert ledger.entries(kind="document.issued").count() == 2
    fields = ledger.payload(first.ledger_index)
    assert (fields["sha256"], fields["subject"]) == (first.sha256, str(POOL))
    assert documents_of(POOL) == [chinese, first]
    assert content_of(first).startswith(b"%PDF")


def test_a_copy_is_proved_and_an_altered_one_found_out(cast, enter):
    document = _issue(cast)
    enter(cast.trust)
    content = content_of(document)
    assert verify_content(content).document == document
    assert not verify_content(content).proved  # nothing is sealed yet
    checkpoint = seal_checkpoint(at=AT)
    found = verify_content(content)
    assert (found.proved, found.checkpoint_size) == (True, checkpoint.size)
    altered = content[:-40] + bytes([content[-40] ^ 1]) + content[-39:]
    assert verify_content(altered).document is None


def test_a_row_that_lies_about_its_entry_proves_nothing(cast, enter):
    document = _issue(cast)
    enter(cast.trust)
    content = content_of(document)
    forged = content + b"\n"
    import hashlib

    IssuedDocument.objects.update(sha256=hashlib.sha256(forged).hexdigest())
    assert verify_content(forged).document is None


def test_a_lost_or_altered_file_is_never_served(cast, client_of):
    document = _issue(cast)
    path = Path(settings.MEDIA_ROOT) / "trust" / "documents" / document.sha256
    path.write_bytes(path.read_bytes() + b"x")
    with tenant_context(cast.trust), pytest.raises(DocumentLost):
        content_of(document)
    url = f"/documents/{document.pk}/"
    assert client_of(cast.analyst, cast.trust).get(url).status_code == 500


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_list_download_and_check(language, cast, client_of):
    document = _issue(cast, language)
    client = client_of(cast.investor, cast.trust, language=language)
    listed = client.get("/documents/").content.decode()
    assert document.title in listed and document.sha256 in listed
    response = client.get(f"/documents/{document.pk}/")
    assert response["Content-Type"] == "application/pdf"
    with tenant_context(cast.trust):
        assert response.content == content_of(document)
        seal_checkpoint(at=AT)
    good = SimpleUploadedFile("copy.pdf", response.content)
    assert "verdict--success" in client.post("/documents/check/", {"file": good}).content.decode()
    bad = SimpleUploadedFile("copy.pdf", response.content + b" ")
    assert "verdict--danger" in client.post("/documents/check/", {"file": bad}).content.decode()
    assert client.get("/documents/check/").status_code == 200
