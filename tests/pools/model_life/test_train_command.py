"""`manage.py train_model`: who may, and what a history that is too thin is told."""

import pytest
from django.core.management import CommandError, call_command


def _train(by, tenant="trust", **options):
    call_command("train_model", tenant=tenant, by=by.email, **options)


def test_only_analysts_of_a_trust_train(cast):
    with pytest.raises(CommandError, match="it takes an analyst"):
        _train(cast.portfolio_manager)
    with pytest.raises(CommandError, match="no trust company 'anda'"):
        _train(cast.analyst, tenant="anda")


def test_a_thin_history_is_refused(cast):
    with pytest.raises(CommandError, match="later date or wait"):
        _train(cast.analyst)
