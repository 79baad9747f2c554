"""Points become stars exactly, and a veto takes them all."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert_star_rating.rules import Criterion, Threshold, scheme_holds, stars, weighted

CRITERIA = [Criterion("skill", "技能", 50), Criterion("service", "服务", 30), Criterion("ethics", "诚信", 20)]
THRESHOLDS = [Threshold(3, 60), Threshold(4, 75), Threshold(5, 90)]


def rules_of(*args):
    return [finding.rule for finding in scheme_holds(*args)]


@pytest.mark.parametrize(
    ("points", "expected"), [(59, 0), (60, 3), (Fraction(7499, 100), 3), (75, 4), (90, 5), (100, 5)]
)
def test_a_threshold_is_reached_or_not(points, expected):
    assert stars(Fraction(points), THRESHOLDS, vetoed=False) == expected


def test_a_veto_leaves_no_star():
    assert stars(Fraction(100), THRESHOLDS, vetoed=True) == 0


def test_weights_count_beside_each_other():
    points = {"skill": Fraction(80), "service": Fraction(90), "ethics": Fraction(100)}
    assert weighted(points, CRITERIA) == 87


def test_how_many_stars_there_are_is_the_schemes_own():
    assert stars(Fraction(99), [Threshold(1, 50), Threshold(2, 99)], vetoed=False) == 2


@given(st.lists(st.fractions(0, 100), min_size=3, max_size=3))
def test_the_mean_lies_between_the_least_and_the_most(values):
    points = dict(zip((criterion.key for criterion in CRITERIA), values, strict=True))
    assert min(values) <= weighted(points, CRITERIA) <= max(values)


def test_a_scheme_that_cannot_judge_is_refused():
    assert rules_of(CRITERIA, THRESHOLDS, 3) == []
    assert rules_of([], THRESHOLDS, 3) == ["star_rating.weights"]
    assert rules_of([*CRITERIA, CRITERIA[0]], THRESHOLDS, 3) == ["star_rating.criteria_twice"]
    assert rules_of(CRITERIA, [Threshold(3, 90), Threshold(4, 75)], 3) == ["star_rating.thresholds"]
    assert rules_of(CRITERIA, [Threshold(3, 60), Threshold(3, 70)], 3) == ["star_rating.thresholds"]
    assert rules_of(CRITERIA, THRESHOLDS, 2) == ["star_rating.reviewers"]
