"""A column as one array literal: what PostgreSQL reads is what was written."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from origination.copying import text_array
from tenants.database.bound import run_bound

_values = st.none() | st.text(
    st.sampled_from('ab"\\{},\n\r\t NULL') | st.characters(codec="utf-8", exclude_characters="\x00")
)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(_values))
def test_an_array_literal_is_read_as_it_was_written(values):
    literal = text_array(pl.Series(values, dtype=pl.String))
    assert run_bound("SELECT %s::text[]", [literal]) == [(values,)]
