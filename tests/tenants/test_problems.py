"""Problems: what RFC 9457 asks for, filled after translation."""

from tenants.problems import FieldError, Invalid, Problem

CHINESE = {"%(n)s rows": "%(n)s 行", "Some fields need to be mended.": "部分字段需要修改。"}


def translate(text: str) -> str:
    return CHINESE.get(text, text)


def test_the_problem_details_name_field_code_detail_and_mend() -> None:
    error = FieldError("vin", "vin_check_digit", "%(n)s rows", "Read it again.", {"n": 3})
    body = Invalid(errors=[error]).to_problem_details(translate=translate, instance="/leases/1")
    assert body == {
        "type": "urn:leaseledger:problem:invalid",
        "title": "部分字段需要修改。",
        "status": 422,
        "detail": "",
        "code": "invalid",
        "mend": "",
        "instance": "/leases/1",
        "errors": [
            {
                "field": "vin",
                "code": "vin_check_digit",
                "detail": "3 行",
                "mend": "Read it again.",
            }
        ],
    }


def test_text_without_params_may_hold_a_per_cent_sign() -> None:
    problem = Problem(code="cap", title="Above 24 %", mend="Lower it.")
    assert str(problem) == "Above 24 % Lower it."
