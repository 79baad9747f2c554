"""Each kind of wish as CP-SAT understands it: variables whose weighted sum is its breach, as ``measure`` counts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import singledispatch
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from lbcert.teaching.solver import measure
from lbcert.teaching.solver.measure import BROKEN
from lbcert.teaching.solver.model import Model
from lbcert.teaching.solver.problem import DAY
from lbcert.teaching.solver.wishes import (
    Bar,
    Compact,
    Few,
    Finish,
    Idle,
    Journeys,
    Limit,
    Nights,
    Order,
    Share,
    Spread,
    Wish,
)

Sum = list[tuple[cp_model.IntVar, int]]


def ask(model: Model, numbers: Iterable[int], now: Mapping[int, int]) -> None:
    """Ask for wishes of the model's problem: those that bind are not broken more than they are ``now``, the others cost."""
    for number in numbers:
        wish = model.problem.wishes[number]
        if wish.weight is not None:
            model.cost += [(var, factor * wish.weight) for var, factor in breach(wish, model)]
        elif not isinstance(wish, Bar):  # no option has what is barred
            units, broken = breach(wish, model), now.get(number, 0)
            model.cp.add(total(units) <= broken)
            model.cost += [(var, factor * BROKEN) for var, factor in units if broken]


def total(units: Sum) -> cp_model.LinearExprT:
    """Add up a breach."""
    return sum(var * factor for var, factor in units)


@singledispatch
def breach(wish: Wish, model: Model) -> Sum:
    """Give the breach of a wish, never below what it comes to in the plan."""
    raise NotImplementedError(type(wish))


@breach.register
def _(wish: Bar, model: Model) -> Sum:
    units = [(model.true, measure.breach(wish, model.problem, model.standing))]
    for start, end, use, takes in model.choices(set(wish.of(model.problem))):
        barred = [lit for take in takes for name, lit in take.items() if wish.bars(name, start, end)]
        if barred:
            units.append((use if any(lit is use for lit in barred) else model.any_of(barred), 1))
    return units


@breach.register
def _(wish: Limit, model: Model) -> Sum:
    held: dict[int, Sum] = defaultdict(list)
    for start, _, piece, lit in model.of_resource[wish.resource]:
        held[start // DAY // wish.days].append((lit, piece.hours))
    units = []
    for hours in held.values():
        most = sum(hour for _, hour in hours)
        if most > wish.hours:
            over = model.cp.new_int_var(0, most - wish.hours, "")
            model.cp.add(over >= total(hours) - wish.hours)
            units.append((over, 1))
    return units


@breach.register
def _(wish: Order, model: Model) -> Sum:
    firsts = [entry for name in wish.first for entry in model.of_piece[name]]
    later = [entry for name in wish.later for entry in model.of_piece[name]]
    broken, cp = model.cp.new_bool_var(""), model.cp
    starts = sorted({entry.start for entry in later})
    #: From which start on the first pieces are over.
    over = {start: cp.new_bool_var("") for start in starts}
    for one, other in pairwise(starts):
        cp.add_implication(over[one], over[other])
    for entry in later:
        cp.add_bool_or([entry.lit.negated(), over[entry.start], broken])
    for entry in firsts:
        before = [start for start in starts if start < entry.end]
        if before:
            cp.add_bool_or([entry.lit.negated(), over[before[-1]].negated(), broken])
    return [(broken, 1)]


@breach.register
def _(wish: Spread, model: Model) -> Sum:
    days: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for name in wish.pieces:
        for entry in model.of_piece[name]:
            days[entry.start // DAY].append(entry.lit)
    short = model.cp.new_int_var(0, wish.days, "")
    held = []
    for lits in days.values():
        held.append(model.cp.new_bool_var(""))
        model.cp.add_bool_or([held[-1].negated(), *lits])
    model.cp.add(short >= wish.days - sum(model.missing.get(name, 0) for name in wish.pieces) - sum(held))
    return [(short, 1)]


@breach.register
def _(wish: Few, model: Model) -> Sum:
    kinds, pieces = model.problem.resource, set(wish.pieces)
    lits: dict[str, list[cp_model.IntVar]] = defaultdict(list)
    for _, _, _, takes in model.choices(pieces):
        for take in takes:
            for name, lit in take.items():
                if kinds[name].kind == wish.kind:
                    lits[name].append(lit)
    standing = {name for each in model.standing if each.piece in pieces for name in each.taken}
    used = [model.true] * sum(kinds[name].kind == wish.kind for name in standing)
    for name, lits_of in lits.items():
        if name not in standing:
            used.append(model.cp.new_bool_var(""))
            for lit in lits_of:
                model.cp.add_implication(lit, used[-1])
    more = model.cp.new_int_var(0, len(used), "")
    model.cp.add(more >= sum(used) - 1)
    return [(more, 1)]


@breach.register
def _(wish: Share, model: Model) -> Sum:
    hours = [
        (entry.lit, entry.piece.hours)
        for name in sorted(wish.resources)
        for entry in model.of_resource[name]
        if entry.piece.name in wish.pieces
    ]
    over = model.cp.new_int_var(0, max(0, sum(hour for _, hour in hours) - wish.hours), "")
    model.cp.add(over >= total(hours) - wish.hours)
    return [(over, 1)]


@breach.register
def _(wish: Compact, model: Model) -> Sum:
    stretches: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    for start, end, _, lit in model.of_resource[wish.resource]:
        stretches[start, end].append(lit)
    days: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end in stretches:
        days[start // DAY].append((start, end))
    units = []
    for day in days.values():
        for start, end in day:
            near = [
                lit
                for begins, ends in day
                if 0 <= begins - end <= wish.reach or 0 <= start - ends <= wish.reach
                for lit in stretches[begins, ends]
            ]
            lonely = model.cp.new_bool_var("")
            model.cp.add(sum(stretches[start, end]) <= sum(near) + lonely)
            units.append((lonely, 1))
    return units


@breach.register
def _(wish: Idle, model: Model) -> Sum:
    days: dict[int, dict[tuple[int, int], list[cp_model.IntVar]]] = defaultdict(lambda: defaultdict(list))
    for start, end, _, lit in model.of_resource[wish.resource]:
        days[start // DAY][start, end].append(lit)
    units: Sum = []
    for day, held in days.items():
        if all(lit is model.true for lits in held.values() for lit in lits):
            units.append((model.true, measure.periods_idle(wish, held)))
            continue
        for begins, ends in wish.within(day * DAY, (day + 1) * DAY):
            before = [lit for (_, end), lits in held.items() if end <= begins for lit in lits]
            after = [lit for (start, _), lits in held.items() if start >= ends for lit in lits]
            if before and after:
                now = [lit for (start, end), lits in held.items() if start < ends and begins < end for lit in lits]
                waits = model.cp.new_bool_var("")
                model.cp.add_bool_or([waits, model.any_of(before).negated(), model.any_of(after).negated(), *now])
                units.append((waits, 1))
    return units


@breach.register
def _(wish: Journeys, model: Model) -> Sum:
    at_home = {"", model.problem.resource[wish.resource].home}
    lits: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
    for start, _, piece, lit in model.of_resource[wish.resource]:
        if piece.place not in at_home:
            lits[piece.place, start // DAY].append(lit)
    away = {where: model.any_of(lits_of) for where, lits_of in lits.items()}
    units = []
    for (place, day), there in away.items():
        before = away.get((place, day - 1))
        if before is None:
            units.append((there, 1))
        elif before is not model.true:
            sets_out = model.cp.new_bool_var("")
            model.cp.add_bool_or([sets_out, there.negated(), before])
            units.append((sets_out, 1))
    return units


@breach.register
def _(wish: Nights, model: Model) -> Sum:
    lits: dict[tuple[int, int, str], list[cp_model.IntVar]] = defaultdict(list)
    for start, end, piece, lit in model.of_resource[wish.resource]:
        if piece.place:
            lits[start, end, piece.place].append(lit)
    held = {stretch: model.any_of(lits_of) for stretch, lits_of in sorted(lits.items())}
    #: Whether it is away in the night after a day.
    away: dict[int, cp_model.IntVar] = {}
    for one, other in combinations(held, 2):
        if other[0] >= one[1] and wish.is_away(one[1], one[2], other[0], other[2]):
            for day in range(one[1] // DAY, other[0] // DAY):
                night = away.setdefault(day, model.cp.new_bool_var(""))
                model.cp.add_bool_or([held[one].negated(), held[other].negated(), night])
    units = []
    for day in away:
        nights = [away[each] for each in range(day, day + wish.most + 1) if each in away]
        if len(nights) > wish.most:
            beyond = model.cp.new_bool_var("")
            model.cp.add(beyond >= sum(nights) - wish.most)
            units.append((beyond, 1))
    return units


@breach.register
def _(wish: Finish, model: Model) -> Sum:
    days: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for start, _, _, lit in model.of_resource[wish.resource]:
        days[start // DAY].append(lit)
    units = []
    last, later = wish.first, None
    for day in sorted(days):
        still = model.cp.new_bool_var("")
        for lit in days[day]:
            model.cp.add_implication(lit, still)
        if later is not None:
            model.cp.add_implication(still, later)
        units.append((still, day - last))
        last, later = day, still
    return units
