"""The class hours of a cohort's providers (联合办班): what each filed, what is planned with its trainers, and who teaches what is left."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lbcert.core.findings import Finding, Level
from lbcert.core.words import say

_FILED = "备案的办班单位课时分工"


@dataclass(frozen=True)
class Part:
    """A provider with the class hours that it filed to teach (None: it filed none), and those planned with its trainers."""

    organisation_id: int
    name: str
    filed: int | None
    planned: int = 0

    def with_more(self, hours: int) -> Part:
        """Give the part with so many more hours planned."""
        return replace(self, planned=self.planned + hours)


def shared_out(rows: Sequence[Part], lead_id: int | None, total: int) -> list[Part]:
    """Give the parts with what is left of ``total`` as the lead's, where it filed none itself and all others did."""
    others = [row.filed for row in rows if row.organisation_id != lead_id]
    if not any(row.filed for row in rows) or None in others:
        return list(rows)
    rest = max(0, total - sum(hours or 0 for hours in others))
    return [replace(row, filed=rest) if row.organisation_id == lead_id and row.filed is None else row for row in rows]


def beyond(part: Part) -> list[Finding]:
    """Warn of more hours planned with a provider's trainers than it filed; no document makes the division binding."""
    if part.filed is None or part.planned <= part.filed:
        return []
    message = say(
        "{name}备案承担 {filed} 课时，这样排了 {planned} 课时，多出 {more} 课时；请改由其他办班单位的教师上",
        name=part.name, filed=part.filed, planned=part.planned, more=part.planned - part.filed,
    )  # fmt: skip
    return [Finding("teaching.provider_share", Level.WARN, message, _FILED)]


def departing(parts: Sequence[Part], *, is_whole: bool) -> Iterator[Finding]:
    """Warn of a timetable that divides the hours otherwise than was filed; of too few only once the whole plan is on it."""
    for part in parts:
        yield from beyond(part)
        if is_whole and part.filed is not None and part.planned < part.filed:
            message = say(
                "{name}备案承担 {filed} 课时，只排了 {planned} 课时，少 {less} 课时",
                name=part.name, filed=part.filed, planned=part.planned, less=part.filed - part.planned,
            )  # fmt: skip
            yield Finding("teaching.provider_share", Level.WARN, message, _FILED)


def divide(
    left: Mapping[int, int], spare: Mapping[int, int], may: Mapping[int, Collection[int]]
) -> dict[tuple[int, int | None], int]:
    """Divide the hours left of each module among providers, none beyond what it has to spare; ``may`` are those who can teach it.

    As many hours as can be are divided so; what nobody has to spare goes to None: to anybody.
    """
    given: dict[tuple[int, int], int] = defaultdict(int)
    spare = dict(spare)
    found: dict[tuple[int, int | None], int] = {}
    for module, hours in left.items():
        to_give = hours
        while to_give and (way := _way(module, given, spare, may)):
            pairs = list(zip(way[::2], way[1::2], strict=True))
            handed = list(zip(way[2::2], way[1::2], strict=False))
            amount = min([to_give, spare[way[-1]], *(given[pair] for pair in handed)])
            for pair in pairs:
                given[pair] += amount
            for pair in handed:
                given[pair] -= amount
            spare[way[-1]] -= amount
            to_give -= amount
        if to_give:
            found[module, None] = to_give
    return found | {(module, provider): hours for (module, provider), hours in given.items() if hours}


def _way(
    module: int, given: Mapping[tuple[int, int], int], spare: Mapping[int, int], may: Mapping[int, Collection[int]]
) -> list[int]:
    """Find a provider with hours to spare for a module, if need be by another module's being handed on: module, provider, module …."""
    seen: set[int] = set()
    ways = deque([[module]])
    while ways:
        way = ways.popleft()
        for provider in may.get(way[-1], ()):
            if provider in seen or provider not in spare:
                continue
            seen.add(provider)
            if spare[provider]:
                return [*way, provider]
            ways += [[*way, provider, other] for (other, by), hours in given.items() if by == provider and hours]
    return []
