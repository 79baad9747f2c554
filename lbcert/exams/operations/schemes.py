"""Freezing how each part of a batch is marked, when its marking begins."""

from __future__ import annotations

from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.policy import Ruling, ruling
from lbcert.exams import scoring
from lbcert.exams.models import Batch, Part, PartScheme
from lbcert.exams.queries.batches import scorers_of
from lbcert.exams.queries.rubrics import rubrics_for
from lbcert.exams.rules import parts_of
from lbcert.exams.theory.queries.papers import draw_of

_BY_KEY = "计算机按标准答案评分"


def schemes_ready(batch: Batch) -> list[Finding]:
    """Find what keeps the parts of a batch from being marked as the policy of the body's region says."""
    markers, tolerance = _rulings(batch)
    if draw_of(batch.id):
        del markers[Part.THEORY]
    return scoring.schemes_on_file(markers, tolerance, len(scorers_of(batch)))


def freeze_schemes(batch: Batch) -> None:
    """Write down how each part is marked, by which rubric, and the documents that say so; the database takes it of a planned batch only.

    Theory by computer has no markers and no rubric: how many the policy asks for does not matter to a key.
    """
    markers, tolerance = _rulings(batch)
    rubrics = {part: rubric.id for part, rubric in rubrics_for(batch).items()}
    for part, one in markers.items():
        by_computer = part is Part.THEORY and draw_of(batch.id) is not None
        is_double = one.value == 2 and not by_computer  # noqa: PLR2004 (two markers)
        sources = [one.source, tolerance.source] if is_double else [_BY_KEY if by_computer else one.source]
        db.session.add(
            PartScheme(
                batch_id=batch.id,
                part=part,
                markers=2 if is_double else 1,
                tolerance=tolerance.value if is_double else None,
                by_computer=by_computer,
                rubric_id=rubrics.get(part),
                basis="；".join(dict.fromkeys(filter(None, sources)))[:300],
            )
        )
    db.session.flush()


def _rulings(batch: Batch) -> tuple[dict[Part, Ruling], Ruling]:
    region, fund = batch.body.region_code, batch.cohort.fund
    parts = parts_of(with_review=batch.with_review)
    markers = {part: ruling(scoring.MARKERS[part], region, batch.held_on, fund) for part in parts}
    return markers, ruling(scoring.TOLERANCE, region, batch.held_on, fund)
