"""How a cohort's class hours are divided among its providers (联合办班), as filed and as planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from lbcert.cohorts.models import Cohort, ProviderPart
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.teaching import shares
from lbcert.teaching.models import Session, TrainerProfile
from lbcert.teaching.queries.makeups import for_absentees
from lbcert.teaching.rules import Lesson
from lbcert.teaching.shares import Part


class Division:
    """The parts of a cohort's providers; ``without`` are sessions, by their ids, that are about to be moved."""

    def __init__(self, cohort: Cohort, without: Collection[int] = ()) -> None:
        hosts_without = {
            row.organisation_id for row in cohort.providers if row.part is ProviderPart.HOST and row.hours is None
        }
        rows = [row for row in cohort.providers if row.organisation_id not in hosts_without]
        lead = next((row.organisation_id for row in rows if row.part is ProviderPart.LEAD), None)
        self._total = sum(row.hours for row in cohort.plan)
        parts = [Part(row.organisation_id, row.organisation.name, row.hours) for row in rows]
        self._parts = {part.organisation_id: part for part in shares.shared_out(parts, lead, self._total)}
        #: Whether anybody filed a share; without one there is nothing to keep to.
        self.is_filed = any(part.filed is not None for part in parts)
        #: Class hours of trainers who are none of the providers': mentors, partners', and those whom nobody put on file.
        self.others = 0
        self._home: dict[int, int] = {}
        if self.is_filed:
            self._read(cohort.id, without)

    def _read(self, cohort_id: int, without: Collection[int]) -> None:
        query = select(TrainerProfile.person_id, TrainerProfile.organisation_id)
        own = query.where(TrainerProfile.organisation_id.in_(self._parts))
        self._home = {row.person_id: row.organisation_id for row in db.session.execute(own)}
        standing = (
            select(Session.trainer_id, func.sum(Session.hours))
            .where(Session.cohort_id == cohort_id, Session.cancelled_reason == "", Session.id.not_in(without))
            .where(~for_absentees())
            .group_by(Session.trainer_id)
        )
        for trainer_id, hours in db.session.execute(standing):
            self._add(trainer_id, hours)

    @property
    def parts(self) -> list[Part]:
        """The providers' parts, as filed and planned, in the order of the filing."""
        return list(self._parts.values())

    def departing(self) -> list[Finding]:
        """Find that what is planned divides the hours otherwise than was filed."""
        planned = self.others + sum(part.planned for part in self.parts)
        return list(shares.departing(self.parts, is_whole=self.is_filed and planned >= self._total))

    def provider_of(self, trainer_id: int) -> int | None:
        """Give the provider, one of the cohort's, that has a trainer."""
        return self._home.get(trainer_id)

    def beyond(self, lesson: Lesson) -> list[Finding]:
        """Find that a lesson more takes its trainer's school beyond its share."""
        part = self._parts.get(self.provider_of(lesson.trainer_id) or 0)
        return shares.beyond(part.with_more(lesson.hours)) if part else []

    def count(self, lesson: Lesson) -> None:
        """Take a lesson as planned, for those that follow in a sheet."""
        if self.is_filed:
            self._add(lesson.trainer_id, lesson.hours)

    def divide(
        self, left: Mapping[int, int], people: Mapping[int, Collection[int]]
    ) -> dict[int, list[tuple[frozenset[int], int]]]:
        """Divide the hours left of each module: so many for the trainers of one provider, as its share allows, so many for another's.

        ``people`` are the ids of those who may teach each module. Without shares on file, all of them have all of it.
        """
        if not self.is_filed:
            return {module: [(frozenset(people[module]), hours)] for module, hours in left.items()}
        of: dict[int, dict[int, set[int]]] = {module: defaultdict(set) for module in left}
        for module in left:
            for person in people[module]:
                if person in self._home:
                    of[module][self._home[person]].add(person)
        spare = {
            part.organisation_id: self._total if part.filed is None else max(0, part.filed - part.planned)
            for part in self.parts
        }
        found: dict[int, list[tuple[frozenset[int], int]]] = {module: [] for module in left}
        for (module, provider), hours in shares.divide(left, spare, of).items():
            found[module].append((frozenset(people[module] if provider is None else of[module][provider]), hours))
        return found

    def _add(self, trainer_id: int, hours: int) -> None:
        organisation_id = self.provider_of(trainer_id)
        if organisation_id is None:
            self.others += hours
        else:
            self._parts[organisation_id] = self._parts[organisation_id].with_more(hours)
