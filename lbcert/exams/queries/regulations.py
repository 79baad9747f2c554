"""Whose rules hold for a batch, where home, site and assessment body lie apart, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

from lbcert.core.database import load
from lbcert.core.policy import Follows, Key, Ruling, ruling
from lbcert.core.reference import Region
from lbcert.core.words import Message, say
from lbcert.exams import eligibility, rules, seating
from lbcert.exams.models import Batch
from lbcert.exams.rules import parts_of
from lbcert.teaching.rules import ATTENDANCE_SHARE

_WHOSE = {
    Follows.HOME: say("派出地"),
    Follows.SITE: say("培训和考点所在地"),
    Follows.BODY: say("评价机构所在地"),
}
#: Digits of a region's code that name its province.
_PROVINCE = 2


@dataclass(frozen=True)
class Regulation:
    """One rule of an exam: what it says, and whose it is."""

    key: Key
    ruling: Ruling
    #: Whose region it follows, and that region's name.
    whose: Message
    region: str

    @property
    def value(self) -> Message | str:
        """Its value as pages show it."""
        value = self.ruling.value
        if value is None:
            return say("没有登记，不设限")
        if isinstance(value, bool):
            return say("是") if value else say("否")
        return say("{value} {unit}", value=value, unit=self.key.unit) if self.key.unit else str(value)


def regulations_of(batch: Batch) -> list[Regulation]:
    """List the rules that hold for a batch, each by the region that it follows."""
    cohort = batch.cohort
    regions = {
        Follows.HOME: (cohort.home_region_code, cohort.starts_on),
        Follows.SITE: (cohort.site_region_code, cohort.starts_on),
        Follows.BODY: (batch.body.region_code, batch.held_on),
    }
    keys = (
        ATTENDANCE_SHARE, eligibility.HOURS_TAUGHT, *eligibility.SHARES.values(), rules.FREEZE_DAYS, rules.MIN_EXAMINERS,
        seating.INVIGILATORS, seating.SEATS_BY_LOT, rules.SEPARATION_MONTHS,
        *(rules.PASS_MARKS[part] for part in parts_of(with_review=batch.with_review)),
    )  # fmt: skip
    return [
        Regulation(key, ruling(key, *regions[key.follows], cohort.fund), _WHOSE[key.follows], load(Region, regions[key.follows][0]).name)
        for key in keys
    ]  # fmt: skip


def way_of_examining(batch: Batch) -> Message:
    """Say who comes to whom: a body of the site, one that travels there, or all in one province."""
    cohort, body = batch.cohort, load(Region, batch.body.region_code)
    site = cohort.site_region
    home, there, here = (code[:_PROVINCE] for code in (cohort.home_region_code, site.code, body.code))
    if here != there:
        return say("跨省：评价机构从{body}赴{site}考评", body=body.name, site=site.name)
    if home != there:
        return say("跨省：由考点所在地（{site}）的评价机构考评", site=body.name)
    return say("本省考评")
