"""A scheme as data."""

from lbcert_star_rating.models import Evidence
from lbcert_star_rating.operations import SchemeData


def data(body, **changed):
    """Give a scheme of three criteria, three to five stars, three reviewers."""
    usual = {
        "name": "宁蒗康养师星级认证",
        "organisation_id": body.id,
        "criteria": [
            ("attendance", "出勤", 20, Evidence.ATTENDANCE),
            ("outcome", "就业", 30, Evidence.OUTCOME),
            ("service", "服务质量", 50, Evidence.REVIEWERS),
        ],
        "thresholds": {3: 40, 4: 60, 5: 75},
        "vetoes": ["服务对象投诉属实", "弄虚作假"],
        "source": "宁蒗县劳务品牌领导小组办公室〔2025〕1号",
    }
    return SchemeData(**{**usual, **changed})
