"""Points become stars exactly, and a veto takes them all."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert_star_rating.rules import (
    Criterion,
    Threshold,
    criteria_hold,
    procedure_holds,
    stars,
    thresholds_hold,
    weighted,
    written,
)

CRITERIA = [Criterion("技能", 50), Criterion("服务", 30), Criterion("诚信", 20)]
THRESHOLDS = [Threshold(3, 60), Threshold(4, 75), Threshold(5, 90)]


@pytest.mark.parametrize(
    ("points", "expected"), [(59, 0), (60, 3), (Fraction(7499, 100), 3), (75, 4), (90, 5), (100, 5)]
)
def test_a_threshold_is_reached_or_not(points, expected):
    assert stars(Fraction(points), THRESHOLDS, vetoed=False) == expected


def test_a_veto_leaves_no_star():
    assert stars(Fraction(100), THRESHOLDS, vetoed=True) == 0


def test_weights_count_beside_each_other():
    points = {"技能": Fraction(80), "服务": Fraction(90), "诚信": Fraction(100)}
    assert weighted(points, CRITERIA) == 87


def test_how_many_stars_there_are_is_the_schemes_own():
    assert stars(Fraction(99), [Threshold(1, 50), Threshold(2, 99)], vetoed=False) == 2


@given(st.lists(st.fractions(0, 100), min_size=3, max_size=3))
def test_the_mean_lies_between_the_least_and_the_most(values):
    points = dict(zip((criterion.label for criterion in CRITERIA), values, strict=True))
    assert min(values) <= weighted(points, CRITERIA) <= max(values)


def found(findings):
    return [finding.rule for finding in findings]


@pytest.mark.parametrize("criteria", [[], [Criterion("技能", 0)], [Criterion("", 5)]])
def test_criteria_need_a_name_and_a_weight(criteria):
    assert found(criteria_hold(CRITERIA)) == []
    assert found(criteria_hold(criteria)) == ["star_rating.weights"]


def test_no_criterion_stands_twice():
    assert found(criteria_hold([*CRITERIA, CRITERIA[0]])) == ["star_rating.criteria_twice"]


@pytest.mark.parametrize(
    "wrong", [[], [(3, 90), (4, 75)], [(3, 60), (3, 70)], [(3, -1)], [(5, 101)], [(0, 50)], [(11, 50)]]
)
def test_thresholds_rise_with_the_stars(wrong):
    assert found(thresholds_hold(THRESHOLDS)) == []
    assert found(thresholds_hold([Threshold(*each) for each in wrong])) == ["star_rating.thresholds"]


def test_a_scheme_names_its_document_and_can_be_carried_out():
    assert found(procedure_holds("认证", "文件", 3, 24, 5, 60)) == []
    assert found(procedure_holds("", "", 2, 0, 5, 101)) == [
        "star_rating.document", "star_rating.reviewers", "star_rating.periods", "star_rating.at_work_points",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("points", "expected"), [(Fraction(79996, 1000), "79.99"), (Fraction(80), "80.00"), (Fraction(1, 20), "0.05")]
)
def test_points_are_written_rounded_down(points, expected):
    assert written(points) == expected
