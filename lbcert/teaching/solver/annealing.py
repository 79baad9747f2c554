"""Makes a plan better by many small moves (simulated annealing): a dearer plan is put up with, more and more seldom.

A move takes a meeting to another of its times, to another trainer or room, or both. What is in its way there goes where it came from,
and what is in the way of that goes the other way, so that meetings change sides between two times (a Kempe chain). Or one trainer or
room hands over to another all that is his of a piece. No move leaves a clash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp
from random import Random

from lbcert.teaching.solver.greedy import Options
from lbcert.teaching.solver.measure import BROKEN, MISSING
from lbcert.teaching.solver.problem import Meeting, Problem
from lbcert.teaching.solver.tallies import Tallies
from lbcert.teaching.solver.ways import Taken, Way

#: Meetings that change sides together at most; of longer chains few were kept.
_CHAIN = 4
#: How often a meeting that goes to another time takes with it what it has.
_SAME = 0.5
#: How often a move is one of a meeting that has no place, as long as there is one.
_OUT = 0.1
#: How often a move hands over.
_OVER = 0.04


class Annealing:
    """A plan under way; ``cost`` counts what is missing and what is broken, as the search does."""

    def __init__(
        self, problem: Problem, meetings: Sequence[Meeting], options: Mapping[str, Options], seed: int
    ) -> None:
        self.random = Random(seed)  # noqa: S311 (no secret)
        self.tallies = tallies = Tallies(problem, options)
        self._held, self._gauges, self._clash = tallies.held, tallies.gauges, tallies.clashing()
        self._bits = [1 << n for n in range(len(tallies.slots))]
        #: The meeting that holds a resource in a slot, or held it last.
        self._holder = [[-1] * len(tallies.slots) for _ in tallies.resources]
        self.cost = tallies.cost
        #: Of each meeting its piece, its slot (-1: it has no place) and what it takes.
        self._ways: list[Way] = []
        self._slots: list[int] = []
        self._takens: list[Taken] = []
        ways = {piece.name: Way(tallies, piece, options[piece.name]) for piece in problem.pieces}
        left = {piece.name: piece.count for piece in problem.pieces}
        pinned = set(problem.pinned)
        for each in (*problem.pinned, *(each for each in meetings if each not in pinned)):
            way = ways[each.piece]
            self.cost += self._put(self._add(way), way.slot_of[each.start], way.taken(each))
            left[each.piece] -= 1
        for name, count in left.items():
            for _ in range(count):
                self._add(ways[name])
                self.cost += MISSING
        self._pinned = len(pinned)
        #: Those that may move, and those of them without a place.
        self._free = [i for i in range(self._pinned, len(self._ways)) if self._ways[i].slots]
        self._out = [i for i in self._free if self._slots[i] < 0]
        #: Those of each piece that may move.
        self._free_of: dict[Way, list[int]] = defaultdict(list)
        for i in self._free:
            self._free_of[self._ways[i]].append(i)

    def meetings(self) -> list[Meeting]:
        """Give the plan."""
        plan = zip(self._ways, self._slots, self._takens, strict=True)
        return [way.meeting(slot, taken) for way, slot, taken in plan if slot >= 0]

    def moves(self, count: int, heat: float) -> None:
        """Try so many moves at a temperature: a plan dearer by that much is kept once in *e* times."""
        random, held, bits = self.random.random, self._held, self._bits
        free, span, out = self._free, len(self._free), self._out
        for _ in range(count if free else 0):
            i = out[int(random() * len(out))] if out and random() < _OUT else free[int(random() * span)]
            way, here, had = self._ways[i], self._slots[i], self._takens[i]
            there = way.slots[int(random() * len(way.slots))]
            if way.used & bits[there] and (here != there or not had):
                continue
            if here < 0:
                self._squeeze_in(i, there)
                continue
            if had and random() < _OVER:
                self._hand_over(i, heat)
                continue
            wanted = self._clash[there]
            others = wanted & ~bits[here]
            for t in way.fixed:
                if held[t] & others:
                    taken = self._with_it(had, way.open[there]) if way.varies else had
                    break
            else:
                free_ones = self._pick(way, there, had if here != there else (), wanted, others)
                if free_ones is not None:
                    taken = free_ones
                    delta = self._change(way, here, had, there, taken)
                    if delta <= 0 or random() < exp(-delta / heat):
                        self.cost += delta
                        self._take(i)
                        self._hold(i, there, taken)
                    continue
                taken = tuple([need[int(random() * len(need))] for need in way.open[there]])
            self._change_sides(i, there, taken, heat)

    def _pick(self, way: Way, slot: int, had: Taken, wanted: int, others: int) -> Taken | None:
        """Pick something free of each need, often what the meeting has; None where all of one are held."""
        random, held = self.random.random, self._held
        found = []
        for n, need in enumerate(way.open[slot]):
            if had and random() < _SAME and had[n] in need and not held[had[n]] & others:
                found.append(had[n])
                continue
            free = [t for t in need if not held[t] & wanted]
            if not free:
                return None
            found.append(free[int(random() * len(free))])
        return tuple(found)

    def _with_it(self, had: Taken, needs: list[list[int]]) -> Taken:
        """Give what a meeting has, and somebody else in place of who cannot come."""
        random = self.random.random
        return tuple([t if t in need else need[int(random() * len(need))] for t, need in zip(had, needs, strict=True)])

    def _change(self, way: Way, here: int, had: Taken, there: int, taken: Taken) -> int:
        """Tell what it costs to take a meeting elsewhere."""
        held, gauges, off, on = self._held, self._gauges, self._bits[here], self._bits[there]
        cost = way.price[there, *taken] - way.price[here, *had]
        if here != there:
            for t, gauge in way.watched:
                before = held[t]
                between = before ^ off
                cost += gauge(before, between, here) + gauge(between, between | on, there)
            for t, adds, gauge in way.by_slot:
                before = held[t]
                cost += gauge(before, before - adds[here] + adds[there], here)
        for old, new in zip(had, taken, strict=True):
            for gauge in gauges[old]:
                before = held[old]
                cost += gauge(before, before ^ off, here)
            for gauge in gauges[new]:
                before = held[new] ^ off if new == old else held[new]
                cost += gauge(before, before | on, there)
        for t, _, adds, gauge in way.by_taken:
            before = after = held[t]
            for old, new in zip(had, taken, strict=True):
                after += adds[new] - adds[old]
            if after != before:
                cost += gauge(before, after, here)
        return cost

    def _change_sides(self, i: int, there: int, taken: Taken, heat: float) -> None:
        """Take a meeting elsewhere, what is in its way to where it was, and so on."""
        moving = self._chain(i, there, taken)
        if moving is None:
            return
        had = self._takens[i]
        before = [(j, self._slots[j], self._takens[j]) for j in moving]
        delta = sum([self._lift(j) for j in moving])
        placed = []
        for j, _, old in before:
            fits = self._is_free(self._ways[j], moving[j])
            fit = (taken if j == i else self._fit(self._ways[j], moving[j], old, had)) if fits else None
            if fit is None:
                break
            delta += self._put(j, moving[j], fit)
            placed.append(j)
        self._settle(before, placed, delta, heat)

    def _hand_over(self, i: int, heat: float) -> None:
        """Give another trainer or room whatever of a meeting's piece has the same as it."""
        way, had = self._ways[i], self._takens[i]
        n = int(self.random.random() * len(had))
        need = way.open[self._slots[i]][n]
        new = need[int(self.random.random() * len(need))]
        moving = [j for j in self._free_of[way] if self._slots[j] >= 0 and self._takens[j][n] == had[n] != new]
        before = [(j, self._slots[j], self._takens[j]) for j in moving]
        delta = sum([self._lift(j) for j in moving])
        placed = []
        for j, slot, old in before:
            if new not in way.open[slot][n] or self._held[new] & self._clash[slot]:
                break
            delta += self._put(j, slot, (*old[:n], new, *old[n + 1 :]))
            placed.append(j)
        self._settle(before, placed, delta, heat)

    def _settle(self, before: Sequence[tuple[int, int, Taken]], placed: Sequence[int], delta: int, heat: float) -> None:
        """Keep a move of several meetings, if all are placed and it is cheap enough; or put each back where it was."""
        if len(placed) == len(before) and (delta <= 0 or self.random.random() < exp(-delta / heat)):
            self.cost += delta
            return
        for j in placed:
            self._take(j)
        for j, slot, old in before:
            self._hold(j, slot, old)

    def _chain(self, i: int, there: int, taken: Taken) -> dict[int, int] | None:
        """Find what changes sides with a meeting, and to which slots; None where something cannot."""
        held, slots = self._held, self.tallies.slots
        one, other = slots[self._slots[i]].start, slots[there].start
        side = {one: other, other: one}
        moving, queue = {i: there}, [i]
        for j in queue:
            way, wanted = self._ways[j], self._clash[moving[j]]
            for t in (*way.fixed, *taken) if j == i else way.fixed:
                hit = held[t] & wanted
                while hit:
                    low = hit & -hit
                    hit ^= low
                    slot = low.bit_length() - 1
                    k = self._holder[t][slot]
                    if k in moving:
                        continue
                    target = self._ways[k].slot_of.get(side.get(slots[slot].start, -1), -1)
                    if k < self._pinned or len(moving) == _CHAIN or target not in self._ways[k].open:
                        return None
                    moving[k] = target
                    queue.append(k)
        return moving

    def _is_free(self, way: Way, slot: int) -> bool:
        """Tell whether a piece may be held in a slot, as far as it has no choice."""
        held, wanted = self._held, self._clash[slot]
        return not way.used & self._bits[slot] and not any(held[t] & wanted for t in way.fixed)

    def _squeeze_in(self, i: int, there: int) -> None:
        """Place a meeting that has no place; what is in its way goes wherever it can, or else everything stays."""
        way, held, wanted = self._ways[i], self._held, self._clash[there]
        taken = tuple([need[int(self.random.random() * len(need))] for need in way.open[there]])
        out: dict[int, tuple[int, Taken]] = {}
        for t in (*way.fixed, *taken):
            hit = held[t] & wanted
            while hit:
                low = hit & -hit
                hit ^= low
                k = self._holder[t][low.bit_length() - 1]
                if k < self._pinned:
                    return
                out[k] = self._slots[k], self._takens[k]
        if len(out) > _CHAIN:
            return
        delta = sum([self._lift(k) for k in out]) + self._put(i, there, taken)
        placed = [i]
        for k in out:
            place = self._any_place(k)
            if place is None:
                break
            delta += self._put(k, *place)
            placed.append(k)
        else:
            if delta < BROKEN // 2:  # nothing that binds is broken
                self.cost += delta - MISSING
                self._out.remove(i)
                return
        for k in placed:
            self._take(k)
        for k, (slot, old) in out.items():
            self._hold(k, slot, old)

    def _any_place(self, i: int) -> tuple[int, Taken] | None:
        """Find a slot where a meeting fits, and what it takes then."""
        way = self._ways[i]
        for slot in self.random.sample(way.slots, len(way.slots)):
            if self._is_free(way, slot):
                taken = self._pick(way, slot, (), self._clash[slot], self._clash[slot])
                if taken is not None:
                    return slot, taken
        return None

    def _fit(self, way: Way, slot: int, old: Taken, left: Taken) -> Taken | None:
        """Choose what a meeting takes in its new slot: what it had, what the first one left, or anything that is free."""
        held, wanted = self._held, self._clash[slot]
        found = []
        for n, need in enumerate(way.open[slot]):
            for t in (old[n], *left):
                if t in need and not held[t] & wanted:
                    found.append(t)
                    break
            else:
                free = [t for t in need if not held[t] & wanted]
                if not free:
                    return None
                found.append(free[int(self.random.random() * len(free))])
        return tuple(found)

    def _add(self, way: Way) -> int:
        self._ways.append(way)
        self._slots.append(-1)
        self._takens.append(())
        return len(self._ways) - 1

    def _put(self, i: int, slot: int, taken: Taken) -> int:
        """Give a meeting its place, and tell what that costs."""
        cost = self._worth(self._ways[i], slot, taken, 1)
        self._hold(i, slot, taken)
        return cost

    def _lift(self, i: int) -> int:
        """Take a meeting from its place, and tell what that costs."""
        cost = self._worth(self._ways[i], self._slots[i], self._takens[i], -1)
        self._take(i)
        return cost

    def _worth(self, way: Way, slot: int, taken: Taken, sign: int) -> int:
        """Tell what it costs that a meeting comes (1) or goes (-1)."""
        held, gauges, bit = self._held, self._gauges, sign * self._bits[slot]
        cost = sign * way.price[slot, *taken]
        for t, gauge in way.watched:
            before = held[t]
            cost += gauge(before, before + bit, slot)
        for t in taken:
            for gauge in gauges[t]:
                before = held[t]
                cost += gauge(before, before + bit, slot)
        for t, adds, gauge in way.by_slot:
            before = held[t]
            cost += gauge(before, before + sign * adds[slot], slot)
        for t, base, by_taken, gauge in way.by_taken:
            before = held[t]
            cost += gauge(before, before + sign * (base + sum([by_taken[each] for each in taken])), slot)
        return cost

    def _hold(self, i: int, slot: int, taken: Taken) -> None:
        way, held, bit, holder = self._ways[i], self._held, self._bits[slot], self._holder
        for t in way.fixed:
            held[t] |= bit
            holder[t][slot] = i
        for t in taken:
            held[t] |= bit
            holder[t][slot] = i
        for t, adds, _ in way.by_slot:
            held[t] += adds[slot]
        for t, base, adds, _ in way.by_taken:
            held[t] += base + sum([adds[each] for each in taken])
        self._slots[i], self._takens[i] = slot, taken
        way.used |= bit

    def _take(self, i: int) -> None:
        way, slot, taken, held = self._ways[i], self._slots[i], self._takens[i], self._held
        bit = self._bits[slot]
        for t in way.fixed:
            held[t] ^= bit
        for t in taken:
            held[t] ^= bit
        for t, adds, _ in way.by_slot:
            held[t] -= adds[slot]
        for t, base, adds, _ in way.by_taken:
            held[t] -= base + sum([adds[each] for each in taken])
        way.used ^= bit
        self._slots[i] = -1
