"""What the OpenAPI document promises is what the calls do, whatever they are sent: schemathesis makes it up."""

from __future__ import annotations

from contextvars import copy_context

import pytest
import schemathesis
from flask.globals import _cv_app
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from lbcert.core.access import Role
from lbcert.parties.operations.tokens import create_token
from lbcert.testing.factories import LUQUAN, account

SECRET = "a secret of thirty-two random bytes"
#: The same ones every time: of what fits, and of what does not, which tests/api/test_wrong_types.py tries field by field.
EXAMPLES = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 5}
BOUNDED = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def document(app):
    """Read the document from the app itself, each of whose calls finds nothing of the test's own context."""

    def apart(environ, start_response):
        context = copy_context()
        context.run(_cv_app.set, None)
        return context.run(app.wsgi_app, environ, start_response)

    create_token(account(Role.BUREAU_OFFICER, LUQUAN), "程序", SECRET)
    return schemathesis.openapi.from_wsgi("/api/openapi.json", apart)


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: what reaches a database is tried by tests/doors."""
    return sqlite_database


def test_every_call_keeps_what_the_document_promises(document):
    calls = [found.ok() for found in document.get_all_operations()]
    assert len(calls) >= 12
    for call in calls:
        for mode, most in EXAMPLES.items():
            keeps_its_promises(call, mode, settings(BOUNDED, max_examples=most))


def keeps_its_promises(call, mode, bounded):
    @bounded
    @given(case=call.as_strategy(generation_mode=mode))
    def try_one(case):
        case.call_and_validate(
            headers={"Authorization": f"Bearer {SECRET}"},
            excluded_checks=[positive_data_acceptance],  # a rule may speak against what fits
        )

    try_one()
