"""What tests of the room stand on."""

import pytest

from lbcert.testing.scenes import played_once
from tests.cohorts.world import Ordered, World


@pytest.fixture
@played_once
def world(app):
    return World()


@pytest.fixture
@played_once
def ordered(app):
    return Ordered()
