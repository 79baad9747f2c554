"""Exams are held on one day."""

import pytest

from lbcert.core import clock
from tests.exams.scene import DAY


@pytest.fixture
def exam_day():
    """Hold the clock at ten in the morning of the day of the exam."""
    with clock.at(DAY):
        yield
