"""Frozen claims: what is printed is what the schema asks for, and nothing else passes."""

from __future__ import annotations

from typing import Any

import pytest

from lbcert.certificates.schemas import check_claims, shipped_schema

GOOD: dict[str, dict[str, Any]] = {
    "completion": {
        "number": "PX-530128-LQ01-2025-003-0017-K",
        "name": "葛曾䮌",
        "id_number_masked": "530128********0017",
        "item": "农作物植保员",
        "start": "2025-07-24",
        "end": "2025-08-07",
        "hours": 84.5,
        "modules": [{"name": "农药安全使用", "hours": 84.5}],
        "providers": ["禄劝县职业技能培训学校"],
        "issued_on": "2025-08-10",
    },
    "skill_level": {
        "number": "S000053000123255000001",
        "name": "葛曾䮌",
        "id_number_masked": "530128********0017",
        "occupation": {"name": "电工"},
        "level": "5",
        "body": "云南滇新职业技能评价中心",
        "scheme": "social",
        "issued_on": "2025-08-20",
    },
}


@pytest.mark.parametrize("kind", GOOD)
def test_good_claims_pass(kind: str) -> None:
    assert check_claims(GOOD[kind], shipped_schema(kind, 1)) == []


@pytest.mark.parametrize("kind", GOOD)
def test_every_field_of_the_smallest_certificate_is_needed(kind: str) -> None:
    for field in GOOD[kind]:
        less = {name: value for name, value in GOOD[kind].items() if name != field}
        assert [finding.rule for finding in check_claims(less, shipped_schema(kind, 1))] == ["certificates.claims"]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("completion", "id_number_masked", "530128197506150017"),
        ("completion", "name", ""),
        ("completion", "issued_on", "2025-02-30"),
        ("completion", "start", "2025/07/24"),
        ("completion", "hours", "84"),
        ("completion", "hours", 0),
        ("completion", "modules", []),
        ("completion", "modules", [{"name": "农药", "hours": 0.3}]),
        ("completion", "providers", []),
        ("completion", "number", "px 1"),
        ("completion", "id_number", "530128197506150017"),
        ("skill_level", "number", "S00005300012325500000"),
        ("skill_level", "level", 5),
        ("skill_level", "level", "6"),
        ("skill_level", "scheme", "unknown"),
        ("skill_level", "marks", {}),
        ("skill_level", "marks", {"theory": 101}),
        ("skill_level", "marks", {"theory": "缺考"}),
        ("skill_level", "occupation", {"name": "电工", "code": "6-31-01-03"}),
        ("skill_level", "occupation", {"name": "电工", "code": "6310103", "edition": 2022}),
    ],
)
def test_a_wrong_field_is_named_with_the_number_of_the_certificate(kind: str, field: str, value: Any) -> None:
    claims = GOOD[kind] | {field: value}
    findings = check_claims(claims, shipped_schema(kind, 1))
    assert findings
    for finding in findings:
        assert finding.stops
        assert str(claims["number"]) in str(finding.message)
        assert field in str(finding.message)
