"""Reads an instance (.ctt) of the competition's third track, and writes its solutions: ``course room day period`` a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """A course, with how many lectures on at least how many days."""

    name: str
    teacher: str
    lectures: int
    days: int
    students: int


@dataclass(frozen=True)
class Instance:
    """What the file says; periods are pairs of day and period of the day, from 0."""

    name: str
    days: int
    periods: int
    courses: dict[str, Course]
    #: Seats by room.
    rooms: dict[str, int]
    curricula: dict[str, tuple[str, ...]]
    unavailable: frozenset[tuple[str, int, int]]


#: A lecture as it is planned: course, room, day, period.
Lecture = tuple[str, str, int, int]


def read(text: str) -> Instance:
    """Read an instance."""
    sections: dict[str, list[list[str]]] = {"": []}
    rows = sections[""]
    for line in text.splitlines():
        words = line.split()
        if len(words) == 1 and words[0].endswith(":") and words[0].isupper():
            rows = sections[words[0]] = []
        elif words and words[0] != "END.":
            rows.append(words)
    head = {words[0]: words[1] for words in sections[""]}
    courses = [Course(name, teacher, int(n), int(d), int(s)) for name, teacher, n, d, s in sections["COURSES:"]]
    return Instance(
        head["Name:"],
        int(head["Days:"]),
        int(head["Periods_per_day:"]),
        {course.name: course for course in courses},
        {name: int(seats) for name, seats in sections["ROOMS:"]},
        {words[0]: tuple(words[2:]) for words in sections["CURRICULA:"]},
        frozenset((name, int(day), int(period)) for name, day, period in sections["UNAVAILABILITY_CONSTRAINTS:"]),
    )


def write(lectures: Iterable[Lecture]) -> str:
    """Write a solution."""
    return "".join(f"{' '.join(map(str, lecture))}\n" for lecture in sorted(lectures))


def read_solution(text: str) -> list[Lecture]:
    """Read a solution."""
    words = (line.split() for line in text.splitlines() if line.strip())
    return [(course, room, int(day), int(period)) for course, room, day, period in words]
