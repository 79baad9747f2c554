"""How a paper is put together: what a blueprint must say, what a bank lacks for it, and how questions are drawn. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say
from lbcert.exams.models import QuestionKind

#: 百分制 (domain.md 1.4), in tenths of a point.
FULL_TENTHS = 1000
SHORTEST, LONGEST = 10, 300
_MOST_QUESTIONS = 300


@dataclass(frozen=True)
class Line:
    """So many questions of a kind, of one knowledge point or (empty) of any, each for so many tenths of a point."""

    kind: QuestionKind
    point: str
    count: int
    tenths: int


@dataclass(frozen=True)
class Pooled:
    """A question that may be drawn."""

    id: int
    kind: QuestionKind
    point: str


def tenths_of(text: str) -> int | None:
    """Read points such as ``1`` or ``0.5`` as tenths; None for what is none, or finer."""
    try:
        given = Decimal(text.strip()) * 10
    except InvalidOperation:
        return None
    return int(given) if given.is_finite() and given == given.to_integral_value() and given > 0 else None


def points_shown(tenths: int) -> str:
    """Show tenths as points: 5 → ``0.5``, 1000 → ``100``."""
    return f"{Decimal(tenths) / 10:f}".removesuffix(".0")


def sound(name: str, minutes: int, lines: Sequence[Line]) -> list[Finding]:
    """Find what keeps a blueprint from being one: no name, odd time, no questions, too many, or not 100 points in all."""
    findings = []
    if not name.strip():
        findings.append(refuse("exams.blueprint_name", say("请填写组卷方案的名称")))
    if not SHORTEST <= minutes <= LONGEST:
        message = say("考试时长应为 {least} 至 {most} 分钟", least=SHORTEST, most=LONGEST)
        findings.append(refuse("exams.blueprint_minutes", message))
    count, total = sum(line.count for line in lines), sum(line.count * line.tenths for line in lines)
    if not 1 <= count <= _MOST_QUESTIONS:
        message = say("全卷应有 1 至 {most} 道题，现为 {count} 道", most=_MOST_QUESTIONS, count=count)
        findings.append(refuse("exams.blueprint_count", message))
    elif total != FULL_TENTHS:
        message = say("全卷应为 100 分，现为 {total} 分，请调整题数或每题分值", total=points_shown(total))
        findings.append(refuse("exams.blueprint_points", message))
    return findings


def lacking(lines: Sequence[Line], pool: Iterable[Pooled]) -> list[Finding]:
    """Find of what kind and knowledge point a bank has fewer questions than a blueprint wants, with both numbers."""
    have = Counter((one.kind, one.point) for one in pool)
    findings = []
    for line in lines:
        there = have[line.kind, line.point]
        if line.point and there < line.count:
            message = say("{kind}“{point}”需要 {wanted} 道，可用 {there} 道，还差 {short} 道", kind=line.kind.label, point=line.point, wanted=line.count, there=there, short=line.count - there)  # fmt: skip
            findings.append(refuse("exams.bank_lacks_point", message))
    for kind in QuestionKind:
        wanted = sum(line.count for line in lines if line.kind is kind)
        there = sum(count for (of, _point), count in have.items() if of is kind)
        if there < wanted:
            message = say("{kind}共需要 {wanted} 道，可用 {there} 道，还差 {short} 道", kind=kind.label, wanted=wanted, there=there, short=wanted - there)  # fmt: skip
            findings.append(refuse("exams.bank_lacks", message))
    return findings


def draw(
    lines: Sequence[Line], pool: Sequence[Pooled], seed: str, forms: Sequence[str]
) -> dict[str, list[tuple[int, int]]]:
    """Draw the forms of a paper: of each, the questions in their order with their tenths of a point.

    For every line, those with a knowledge point first, the questions that fit are put in the order of SHA-256("seed:form:id") in
    hex and taken from the front; those of an earlier form come last, so that forms share none where the bank has enough.
    Whoever knows the seed and the pool can do the same with any tool. The pool must suffice (:func:`lacking`).
    """
    drawn: dict[str, list[tuple[int, int]]] = {}
    used: set[int] = set()
    for form in forms:
        taken = _form(lines, pool, f"{seed}:{form}", used)
        order = list(QuestionKind)
        kinds = {one.id: order.index(one.kind) for one in pool}
        drawn[form] = sorted(taken.items(), key=lambda one: (kinds[one[0]], _digest(f"{seed}:{form}", one[0])))
        used |= taken.keys()
    return drawn


def _form(lines: Sequence[Line], pool: Sequence[Pooled], seed: str, used: Collection[int]) -> dict[int, int]:
    taken: dict[int, int] = {}
    for line in sorted(lines, key=lambda one: not one.point):
        fits = [one.id for one in pool if one.kind is line.kind and line.point in ("", one.point)]
        free = sorted((one for one in fits if one not in taken), key=lambda one: (one in used, _digest(seed, one)))
        if len(free) < line.count:
            raise ValueError(f"too few questions: {line}")
        taken |= dict.fromkeys(free[: line.count], line.tenths)
    return taken


def _digest(seed: str, question_id: int) -> str:
    return hashlib.sha256(f"{seed}:{question_id}".encode()).hexdigest()


def shared(forms: Mapping[str, Sequence[tuple[int, int]]]) -> int:
    """Count the questions that stand in more than one form."""
    often = Counter(question for paper in forms.values() for question, _tenths in paper)
    return sum(count > 1 for count in often.values())
