"""What tests of the room stand on."""

import pytest

from tests.cohorts.world import Ordered, World


@pytest.fixture
def world(app):
    return World()


@pytest.fixture
def ordered(app):
    return Ordered()
