"""Checks a solution against its instance, and nothing else: hard violations and the four costs, as the competition counts them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from benchmarks.itc2007.instance import Instance, Lecture


def violations(instance: Instance, lectures: Sequence[Lecture]) -> Counter[str]:
    """Count what may not be: lectures unplaced or too many, teachers, curricula and rooms in two lectures, closed periods."""
    found: Counter[str] = Counter()
    planned = Counter(course for course, *_ in lectures)
    for course in instance.courses.values():
        found["lectures"] += abs(course.lectures - planned[course.name])
    sharing = {
        frozenset(pair) for courses in instance.curricula.values() for pair in combinations(courses, 2)
    } | {
        frozenset((one.name, other.name))
        for one, other in combinations(instance.courses.values(), 2)
        if one.teacher == other.teacher
    }  # fmt: skip
    at = defaultdict(list)
    for course, room, day, period in lectures:
        at[day, period].append((course, room))
        known = course in instance.courses and room in instance.rooms
        found["unknown"] += not (known and 0 <= day < instance.days and 0 <= period < instance.periods)
        found["availability"] += (course, day, period) in instance.unavailable
    for held in at.values():
        for (course, room), (other, other_room) in combinations(held, 2):
            found["conflicts"] += course == other or frozenset((course, other)) in sharing
            found["rooms"] += room == other_room
    return +found


def costs(instance: Instance, lectures: Sequence[Lecture]) -> dict[str, int]:
    """Give the four soft costs, weighted."""
    days, rooms, slots = defaultdict(set), defaultdict(set), defaultdict(set)
    crowded = 0
    for course, room, day, period in lectures:
        days[course].add(day)
        rooms[course].add(room)
        slots[course].add((day, period))
        crowded += max(0, instance.courses[course].students - instance.rooms[room])
    lonely = 0
    for courses in instance.curricula.values():
        busy = set().union(*(slots[course] for course in courses))
        lonely += sum((day, period - 1) not in busy and (day, period + 1) not in busy for day, period in busy)
    return {
        "RoomCapacity": crowded,
        "MinWorkingDays": 5 * sum(max(0, each.days - len(days[each.name])) for each in instance.courses.values()),
        "CurriculumCompactness": 2 * lonely,
        "RoomStability": sum(max(0, len(used) - 1) for used in rooms.values()),
    }
