"""The SEC's auto lease tape: valid against the official schema, and true to the cent."""

import io
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django_tenants.utils import tenant_context
from lxml import etree

from config.environment import BASE_DIR
from ledger.services import seal_checkpoint
from origination.domain.tapes.autolease import ELEMENTS, NAMESPACE, write_autolease
from origination.domain.tapes.autolease_rows import asset_number
from pools.circular.documents import content_of, verify_content
from pools.distributions.reading import deal_of, period_of, read_book
from pools.models import Asset
from pools.tapes.services import issue_tape, tape_of
from tests.pools.distributions.bought import AT, bought_pool, project_portfolio

SCHEMA = Path(
    os.environ.get("LL_ABS_EE_SCHEMA", BASE_DIR.parent / "shared" / "data" / "abs_ee_schema")
) / "eis_ABS_AutoLeaseAssetData.xsd"  # fmt: skip


@pytest.fixture
def pool(cast, enter):
    enter(cast.tenants.trust)
    return bought_pool(cast, project_portfolio(cast.tenants.anda.pk, 400))


def parsed(content):
    root = etree.fromstring(content)
    return [{etree.QName(e).localname: e.text for e in asset} for asset in root], root


def test_the_tape_holds_the_official_schema(pool):
    start, end = period_of(pool, 1)
    content = tape_of(pool, start=start, end=end, known_at=AT)
    assets, root = parsed(content)
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    assert schema.validate(root), schema.error_log.last_error
    assert len(assets) == 400
    # and the schema is one that can refuse
    root[0][1].text = "x" * 26
    assert not schema.validate(root)


def test_elements_stand_in_the_order_of_the_schema():
    declared = etree.parse(str(SCHEMA)).findall(
        ".//{*}complexType[@name='ASSET_TYPE']/{*}sequence/{*}element"
    )
    assert tuple(element.get("name") for element in declared) == ELEMENTS


def test_figures_of_the_tape_are_those_of_the_distribution(pool):
    start, end = period_of(pool, 1)
    assets, _root = parsed(tape_of(pool, start=start, end=end, known_at=AT))
    found = read_book(pool, known_at=AT).collect(start=start, end=end)

    def total(name):
        return sum(Decimal(asset[name]) for asset in assets) * 100

    paid = total("totalActualAmountPaid") + total("actualOtherCollectedAmount")
    assert paid == found.income_minor + found.principal_minor
    performing = sum(
        Decimal(asset["reportingPeriodEndingActualBalanceAmount"]) * 100
        for asset in assets
        if int(asset["currentDelinquencyStatus"]) <= 90
    )
    assert performing == found.pool_closing_minor
    assert {asset["servicingFeePercentage"] for asset in assets} == {
        str(deal_of(pool).fee("servicing").rate)
    }
    first = Asset.objects.get(rid=UUID(int=1))
    mine = next(a for a in assets if a["assetNumber"] == asset_number(str(first.rid)))
    assert Decimal(mine["acquisitionCost"]) * 100 == first.financed_amount_minor
    assert mine["lesseeGeographicLocation"] == f"CN-{first.province}"
    assert mine["originationDate"] == first.originated_on.strftime("%m/%Y")


def test_a_settled_lease_says_so(pool):
    start, end = period_of(pool, 1)
    assets, _root = parsed(tape_of(pool, start=start, end=end, known_at=AT))
    settled = [asset for asset in assets if asset.get("zeroBalanceCode")]
    assert settled
    for asset in settled:
        assert Decimal(asset["reportingPeriodEndingActualBalanceAmount"]) == 0
        assert asset["terminationIndicator"] == "1" and asset["zeroBalanceEffectiveDate"]


def test_text_is_escaped_and_unknown_fields_are_refused():
    stream = io.BytesIO()
    row = {"assetTypeNumber": "a<b&c\x01", "assetNumber": "1", "chargedOffAmount": None}
    assert write_autolease([row], stream) == 1
    [asset], root = parsed(stream.getvalue())
    assert asset == {"assetTypeNumber": "a<b&c", "assetNumber": "1"}
    assert root.tag == f"{{{NAMESPACE}}}assetData"
    with pytest.raises(KeyError, match="colour"):
        write_autolease([{"colour": "red"}], io.BytesIO())


def test_a_tape_is_issued_and_proved(cast, pool):
    start, end = period_of(pool, 1)
    asked = {"pool": pool, "start": start, "end": end, "known_at": AT, "by": cast.analyst.pk}
    document = issue_tape(**asked, at=AT)
    assert issue_tape(**asked, at=AT + timedelta(hours=1)).pk == document.pk
    with tenant_context(cast.tenants.trust):
        seal_checkpoint(at=AT)
        assert verify_content(content_of(document)).proved
