"""Rooms, seats and stations: how the lot is drawn, and what must be arranged before an exam begins. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from lbcert.core import clock
from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say, some
from lbcert.exams.models import Part

#: Whether each candidate needs a seat or station drawn by lot in each part before the exam may begin.
SEATS_BY_LOT = key("exams.seats_by_lot", say("考场、座位和工位须抽签编排"), Follows.BODY, bool)
INVIGILATORS = key("exams.invigilators_per_room", say("每考场监考员最少人数"), Follows.BODY, int, say("人"))
Place = TypeVar("Place")


def by_lot(seed: str, learners: Sequence[int], places: Sequence[Place]) -> dict[int, Place]:
    """Give each learner a place: the places are filled in their order, by learners in the order of SHA-256("seed:id") in hex.

    Whoever knows the seed can do the same with any tool: docs/formats.md shows it.
    """
    order = sorted(learners, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())
    return dict(zip(order, places, strict=False))


def enough_places(people: int, places: int, part: Part) -> list[Finding]:
    """Find more people than free seats or stations."""
    if people <= places:
        return []
    message = say(
        "{part}：{people} 人大于可容纳人数 {places}，请增加考场或场次", part=part.label, people=people, places=places
    )
    return [refuse("exams.too_few_seats", message)]


def room_for_seats(room: str, capacity: int, highest: int) -> list[Finding]:
    """Find a room that would have fewer seats than the highest number that was drawn in it."""
    if capacity >= highest:
        return []
    message = say(
        "“{room}”已有考试编到 {highest} 号座位，可容纳人数请填 {highest} 以上；座位仍按本场人数抽签",
        room=room,
        highest=highest,
    )
    return [refuse("exams.room_too_small", message)]


def in_order(starts_at: datetime, ends_at: datetime, held_on: date) -> list[Finding]:
    """Find a sitting that ends before it begins, or lies before the day of the exam."""
    findings = []
    if ends_at <= starts_at:
        findings.append(refuse("exams.sitting_times", say("结束时间须晚于开始时间")))
    if clock.local(starts_at).date() < held_on:
        message = say("场次在 {day}，早于认定日期 {held_on}", day=clock.local(starts_at).date(), held_on=held_on)
        findings.append(refuse("exams.sitting_early", message))
    return findings


@dataclass(frozen=True)
class Arranged:
    """One sitting as far as it is arranged."""

    part: Part
    room: str
    invigilators: int


def arranged(
    parts: Sequence[Part],
    sittings: Sequence[Arranged],
    unseated: Mapping[Part, Sequence[str]],
    by_lot_asked: Ruling,
    least: Ruling,
) -> list[Finding]:
    """Find parts without a room, candidates without a seat, and rooms with too few invigilators.

    ``unseated`` names who has no seat, part by part. Where no policy asks for the lot, only parts that have rooms are looked at.
    """
    findings = [*by_lot_asked.note(), *least.note()]
    with_rooms = {one.part for one in sittings}
    for part in parts:
        people = unseated.get(part, ())
        if part not in with_rooms:
            if by_lot_asked.value:
                message = say("{part}还没有安排考场和时间，请先安排", part=part.label)
                findings.append(refuse("exams.no_sitting", message, by_lot_asked.source))
        elif people:
            message = say(
                "{part}有 {count} 名考生没有座位（工位），请抽签：{names}",
                part=part.label, count=len(people), names=some(people, 5),
            )  # fmt: skip
            findings.append(refuse("exams.unseated", message, by_lot_asked.source))
    if least.is_on_file:
        for one in sittings:
            if one.invigilators < least.value:
                message = say(
                    "{room}（{part}）有 {count} 名监考员，应不少于 {least} 名",
                    room=one.room, part=one.part.label, count=one.invigilators, least=least.value,
                )  # fmt: skip
                findings.append(refuse("exams.too_few_invigilators", message, least.source))
    return findings
