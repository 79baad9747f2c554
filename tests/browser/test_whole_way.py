"""The main job, end to end, at a desk and on phones."""

import pytest

from tests.browser.walk import way

pytestmark = pytest.mark.browser


def test_149_people_are_walked_from_an_order_to_revoked_certificates(sqlite_database, tmp_path, page_at):
    way.walk(sqlite_database, tmp_path, page_at)
