"""Quotes follow the lease's own schedule; photos are kept encrypted under their hash."""

import io
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mobile_api import quoting
from mobile_api.models import Photo
from origination.domain.schedule import Pattern, Timing
from tenants.problems import Invalid

TERMS = {
    "financed_amount_minor": "11200000",
    "residual_minor": "100",
    "annual_nominal_rate": "0.0685",
    "term_months": "36",
    "rent_pattern": "level",
    "rent_timing": "arrears",
    "first_payment_on": "2026-04-02",
}


@pytest.fixture
def officer(client_of, cast):
    return client_of(cast.officer, cast.anda)


def picture(form="PNG", colour="red"):
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, form)
    return content.getvalue()


def upload(client, content):
    return client.post("/api/v1/uploads/", {"file": io.BytesIO(content)})


# -- quotes -----------------------------------------------------------------------------------


def annuity(principal, residual, rate, months):
    """Level rent in arrears by the textbook formula, with Decimal."""
    growth = (1 + rate / 12) ** months
    return (principal * growth - residual) * (rate / 12) / (growth - 1)


@given(
    st.integers(1_000_00, 2_000_000_00),
    st.integers(0, 500_00),
    st.integers(10_000, 300_000),
    st.integers(2, 60),
)
@settings(max_examples=40, deadline=None)
def test_a_level_rent_is_the_annuity(financed, residual, millionths, months):
    rate = Decimal(millionths) / 1_000_000
    found = quoting.quote(
        financed_minor=financed,
        residual_minor=residual,
        annual_nominal_rate=rate,
        term_months=months,
        pattern=Pattern.LEVEL,
        timing=Timing.ARREARS,
        first_payment_on=date(2026, 1, 31),
    )
    assert abs(found.rent_minor - annuity(Decimal(financed), residual, rate, months)) <= 1
    assert found.total_minor == financed + found.interest_minor


@pytest.mark.parametrize(
    ("timing", "maturity"), [("arrears", "2029-03-02"), ("advance", "2029-04-02")]
)
def test_maturity_follows_the_timing(officer, timing, maturity):
    body = TERMS | {"rent_timing": timing}
    answer = officer.post("/api/v1/quote/", body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["maturity_on"] == maturity


def test_a_residual_above_the_financed_amount_is_named():
    with pytest.raises(Invalid) as refusal:
        quoting.quote(
            financed_minor=100,
            residual_minor=101,
            annual_nominal_rate=Decimal("0.05"),
            term_months=12,
            pattern=Pattern.LEVEL,
            timing=Timing.ARREARS,
            first_payment_on=date(2026, 1, 1),
        )
    assert [error.field for error in refusal.value.errors] == ["residual_minor"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("term_months", "0"),
        ("annual_nominal_rate", "1.5"),
        *(("first_payment_on", day) for day in ("soon", "9999-12-31", "1900-01-01", "01/02/2026")),
    ],
)
def test_impossible_terms_name_their_field(officer, field, value):
    body = TERMS | {field: value}
    answer = officer.post("/api/v1/quote/", body, content_type="application/json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "{", "1" * 10_000])
def test_json_that_cannot_be_read_is_a_problem(officer, body):
    for path in ("quote", "devices", "leases"):
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
