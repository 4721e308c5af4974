"""Rows of one tenant never reach another's code, whichever thread runs the query."""

import asyncio

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django_tenants.utils import tenant_context

from tenants.websockets import in_tenant

ROUNDS = 30


def _schema_in_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


async def _set_in_one_hop_query_in_the_next(tenant):
    """The pattern that leaked: what the ContextVar wrapper alone must make right."""
    await database_sync_to_async(connection.set_tenant)(tenant)
    seen = []
    for _round in range(ROUNDS):
        await asyncio.sleep(0)
        seen.append(await database_sync_to_async(_schema_in_database)())
    return seen


async def _through_in_tenant(tenant):
    seen = []
    for _round in range(ROUNDS):
        await asyncio.sleep(0)
        seen.append(await in_tenant(tenant, _schema_in_database))
    return seen


@pytest.mark.parametrize("way", [_set_in_one_hop_query_in_the_next, _through_in_tenant])
def test_interleaved_tasks_stay_in_their_tenant(way, committed_cast):
    tenants = committed_cast.tenants
    wanted = [tenants.anda, tenants.xingyu, tenants.trust] * 2

    async def race():
        return await asyncio.gather(*(asyncio.create_task(way(tenant)) for tenant in wanted))

    answers = asyncio.run(race())
    assert answers == [[tenant.schema_name] * ROUNDS for tenant in wanted]


def test_in_tenant_alone_is_enough(committed_cast, monkeypatch):
    """With the wall removed (one tenant for all contexts), entering for each call still holds."""
    from tenants.database import base

    class OneForAll:
        value = base._PUBLIC

        def get(self):
            return self.value

        def set(self, value):
            self.value = value

    monkeypatch.setattr(base, "_current", OneForAll())
    tenants = [committed_cast.tenants.anda, committed_cast.tenants.trust]

    async def race():
        return await asyncio.gather(*(_through_in_tenant(tenant) for tenant in tenants))

    assert asyncio.run(race()) == [[tenant.schema_name] * ROUNDS for tenant in tenants]


def test_leaving_a_tenant_restores_the_one_before(cast):
    with tenant_context(cast.tenants.anda):
        with tenant_context(cast.tenants.trust):
            assert _schema_in_database() == "trust"
        assert _schema_in_database() == "anda"
