"""The room's blueprint, and who may look at what in it."""

from __future__ import annotations

from lbcert.cohorts.operations.drafting import CLERK, CLERK_OR_BUREAU
from lbcert.cohorts.places import READERS, REGIONAL, cohort_place, enrolment_people, is_station_of, people_place
from lbcert.core.access import Role, holds, only
from lbcert.core.room import Room

room = Room("cohorts", __name__, url_prefix="/cohorts")

#: The list, which the query keeps to what the account may see.
LISTS = holds(*READERS)
#: A cohort's own page, without its people.
SEES = holds(*READERS, at=cohort_place) | only("a station at the cohort's home or site", is_station_of)
_WITH_PEOPLE = (*REGIONAL, Role.PROVIDER_CLERK, Role.TRAINER)
#: Its learners.
SEES_PEOPLE = holds(*_WITH_PEOPLE, at=people_place)
#: One of its learners.
SEES_LEARNER = holds(*_WITH_PEOPLE, at=enrolment_people)

__all__ = ["CLERK", "CLERK_OR_BUREAU", "LISTS", "SEES", "SEES_LEARNER", "SEES_PEOPLE", "room"]
