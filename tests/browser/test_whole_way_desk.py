"""The main job, end to end, at a desk."""

import pytest

from tests.browser.walk import way

pytestmark = pytest.mark.browser


def test_149_people_are_walked_from_an_order_to_a_revoked_certificate(sqlite_database, tmp_path, page_at):
    way.walk(sqlite_database, tmp_path, page_at, 1280)
