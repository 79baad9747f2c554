"""An instance of the competition as a problem of the timetable's engine, and its plan as the competition's solution.

A course is a piece; its teacher and its curricula are taken by each lecture, a room is chosen. A period is an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from benchmarks.itc2007.instance import Instance, Lecture
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem, Resource
from lbcert.teaching.solver.wishes import Compact, Few, Spread, Wish

HOUR = 60


def problem_of(instance: Instance) -> Problem:
    """Give the engine's problem."""
    curricula = {name: f"curriculum {name}" for name in instance.curricula}
    teachers = {course.teacher: f"teacher {course.teacher}" for course in instance.courses.values()}
    rooms = {name: f"room {name}" for name in instance.rooms}
    resources = [
        *(Resource(name, "learners") for name in curricula.values()),
        *(Resource(name, "trainer") for name in teachers.values()),
        *(Resource(name, "venue") for name in rooms.values()),
    ]
    pieces, wishes = [], list[Wish]()
    closed = Counter(name for name, _, _ in instance.unavailable)
    for course in sorted(instance.courses.values(), key=lambda each: (-each.lectures, -closed[each.name])):
        followed = [curricula[name] for name, courses in instance.curricula.items() if course.name in courses]
        pieces.append(
            Piece(
                course.name,
                course.name,
                course.lectures,
                HOUR,
                tuple(
                    day * DAY + period * HOUR
                    for day in range(instance.days)
                    for period in range(instance.periods)
                    if (course.name, day, period) not in instance.unavailable
                ),
                (tuple(rooms.values()), (teachers[course.teacher],), *((name,) for name in followed)),
                costs={rooms[name]: max(0, course.students - seats) for name, seats in instance.rooms.items()},
            )
        )
        wishes.append(Spread(course.name, 5, (course.name,), course.days))
        wishes.append(Few(course.name, 1, (course.name,), "venue"))
    wishes += [Compact(name, 2, name) for name in curricula.values()]
    return Problem(tuple(pieces), tuple(resources), tuple(wishes))


def lectures_of(meetings: Iterable[Meeting]) -> list[Lecture]:
    """Give a plan as the competition's solution."""
    return [
        (each.piece, each.taken[0].removeprefix("room "), each.start // DAY, each.start % DAY // HOUR)
        for each in meetings
    ]
