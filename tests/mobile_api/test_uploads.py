"""Photos are kept encrypted under their hash; JSON that cannot be read is a problem."""

import io
import json
from hashlib import sha256

import pytest
from PIL import Image

from mobile_api.models import Photo


@pytest.fixture
def officer(client_of, cast):
    return client_of(cast.officer, cast.anda)


def picture(form="PNG", colour="red"):
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, form)
    return content.getvalue()


def upload(client, content):
    return client.post("/api/v1/uploads/", {"file": io.BytesIO(content)})


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "{",
        "1" * 10_000,
        *(json.dumps({name: {"\ud800": "x"}}) for name in ("inputs", "fields", "salts", "label")),
    ],
)
def test_json_that_cannot_be_read_is_a_problem(officer, body):
    for path in ("quote", "quotes", "devices", "leases"):
        answer = officer.post(f"/api/v1/{path}/", body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"


# -- photos -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_photo_comes_back_as_it_was(officer, client_of, cast, enter, form, media_type):
    content = picture(form)
    digest = sha256(content).hexdigest()
    assert upload(officer, content).json()["sha256"] == digest
    manager = client_of(cast.manager, cast.anda)
    answer = manager.get(f"/api/v1/uploads/{digest}/")
    assert (answer.content, answer["Content-Type"]) == (content, media_type)
    assert answer["X-Content-Type-Options"] == "nosniff"
    enter(cast.anda)
    assert content[8:40] not in bytes(Photo.objects.get().ciphertext)


def test_the_same_photo_twice_is_kept_once(officer, cast, enter):
    assert upload(officer, picture()).status_code == upload(officer, picture()).status_code == 201
    enter(cast.anda)
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"%PDF-1.7", b"x"])
def test_what_is_no_picture_is_refused(officer, content):
    answer = upload(officer, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "photo_refused")


def test_too_large_a_photo_is_refused(officer):
    answer = upload(officer, b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))
    assert "10 MB" in answer.json()["detail"]


def test_photos_stay_in_their_institution(officer, client_of, cast):
    content = picture()
    upload(officer, content)
    rival = client_of(cast.rival_manager, cast.xingyu)
    assert rival.get(f"/api/v1/uploads/{sha256(content).hexdigest()}/").status_code == 404
    assert officer.get(f"/api/v1/uploads/{sha256(content).hexdigest()}/").status_code == 403
