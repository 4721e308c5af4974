"""Who leases: kind, name, number, age and work beside each other."""

from typing import Final

import polars as pl

from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules.shape import E, N, Rule, W

_name, _number = pl.col("lessee_name"), pl.col("lessee_id_number")
_is_person = pl.col("lessee_kind") == "person"
_is_company = pl.col("lessee_kind") == "company"
_work, _use, _born = pl.col("employment"), pl.col("vehicle_use"), pl.col("born")
_FIRM: Final = r"(公司|工厂|商行|合作社|事务所|经营部|(?i)\bltd\.?|\bllc|\binc\.?|\bgmbh)$"
_PLACEHOLDER: Final = r"^(test.*|测试.*|张三|李四|王五|xx+|姓名|customer ?\d*)$"
_years_begun = (pl.col("originated_on") - _born).dt.total_days() / 365.25
_years_over = (pl.col("maturity_on") - _born).dt.total_days() / 365.25

RULES: Final = (
    Rule(
        "lessee_not_of_age", E, "lessee_id_number", _years_begun < 17.99,
        _n("The lessee was not eighteen when the lease began."),
        _n("Check the number and the day; a minor's guardian is the lessee."),
    ),
    Rule(
        "lessee_old", N, "lessee_id_number", _years_over > 75,
        _n("The lessee is older than 75 at maturity."),
        _n("Check the number; a guarantor is usual."),
    ),
    Rule(
        "company_name_of_person", W, "lessee_name", _is_person & _name.str.contains(_FIRM),
        _n("The name is a company's, and the lessee is said to be a person."),
        _n("Write company as the kind, or the person's name."),
    ),
    Rule(
        "person_name_of_company", W, "lessee_name",
        _is_company & _name.str.contains(r"^\p{Han}{2,3}$"),
        _n("The name is a person's, and the lessee is said to be a company."),
        _n("Write person as the kind, or the company's full name."),
    ),
    Rule(
        "name_with_digits", W, "lessee_name", _is_person & _name.str.contains(r"[0-9]"),
        _n("A person's name has digits."),
        _n("Write the name as it stands on the identity card."),
    ),
    Rule(
        "name_placeholder", W, "lessee_name",
        _name.str.to_lowercase().str.contains(_PLACEHOLDER),
        _n("The name looks like a placeholder."),
        _n("Write the lessee's name; a test's rows do not belong on a tape."),
    ),
    Rule(
        "name_hidden", W, "lessee_name", _name.str.contains(r"[*＊×]"),
        _n("A part of the name is hidden."),
        _n("Export the tape with full names: a hidden one cannot be matched."),
    ),
    Rule(
        "person_employed_as_company", W, "employment", _is_person & (_work == "company"),
        _n("A person's work is said to be that of a company."),
        _n("Write salaried, self-employed or ride-hailing, or company as the kind."),
    ),
    Rule(
        "company_employed", W, "employment",
        _is_company & _work.is_in(["salaried", "self_employed", "ride_hailing"]),
        _n("A company has a person's work."),
        _n("Write company as its work, or person as the kind."),
    ),
    Rule(
        "driver_of_private_vehicle", N, "vehicle_use",
        (_work == "ride_hailing") & (_use == "private"),
        _n("A ride-hailing driver leases for private use."),
        _n("Ask: use decides on mileage, insurance and value."),
    ),
    Rule(
        "company_of_private_vehicle", N, "vehicle_use", _is_company & (_use == "private"),
        _n("A company leases for private use."),
        _n("Check kind and use."),
    ),
    Rule(
        "identity_of_other_province", N, "province",
        _is_person & (_number.str.slice(0, 2) != pl.col("province")),
        _n("The identity card was first issued in another province."),
        _n("People move: look only where many rows say so."),
    ),
    Rule(
        "phone_placeholder", W, "lessee_phone",
        pl.col("lessee_phone").str.contains(r"(0{7,}|1{7,}|8{8,}|12345678|138000000)"),
        _n("The telephone number looks like a placeholder."),
        _n("Write the number under which the lessee answers."),
    ),
    Rule(
        "group_of_person", N, "lessee_group", _is_person & pl.col("lessee_group").is_not_null(),
        _n("A person belongs to a group of related companies."),
        _n("Right for owners of firms: check it, concentration counts groups."),
    ),
    Rule(
        "company_scored", N, "credit_score", _is_company & pl.col("credit_score").is_not_null(),
        _n("A company has a person's bureau score."),
        _n("Write the score of persons only."),
    ),
)  # fmt: skip
