"""The brand with stars, on 1 December 2025."""

import pytest

from lbcert.core import clock
from lbcert_star_rating.tests.scene import THE_DAY, certified


@pytest.fixture
def scene(app):
    """Give the scene on its day."""
    with clock.at(THE_DAY):
        yield certified()
