"""How long a notice hangs, and what an objection needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.masks import mask_name
from lbcert.core.policy import Follows, key
from lbcert.core.words import Message, say

#: Whether the day on which a notice is put up counts (domain.md 3.2: a setting).
START_COUNTS = key("oversight.start_day_counts", say("公示首日计入公示期"), Follows.HOME, bool)
#: Working days within which an objection is answered.
ANSWER_DAYS = key("oversight.objection_days", say("异议答复期限"), Follows.HOME, int, say("个工作日"))
#: Whether an open objection against one person holds up everybody on the notice.
HOLDS_ALL = key("oversight.objection_holds_all", say("有异议未答复时整批暂缓"), Follows.HOME, bool)


@dataclass(frozen=True)
class Shown:
    """What a notice says about one person; ``ref`` is what the line is about ("candidate:12")."""

    ref: str
    name: str
    last_four: str
    says: str


def shown(ref: str, name: str, id_number: str, says: str) -> Shown:
    """Give a line as everybody may read it: masked name and last four, by the rules for public lists (domain.md 2.6)."""
    return Shown(ref, mask_name(name), id_number[-4:], says)


def end_of(day: date) -> datetime:
    """Give midnight after a day in China."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def whole(fields: Mapping[Message, str]) -> list[Finding]:
    """Find what an objection lacks: name, contact and reason (实名)."""
    missing = [name for name, value in fields.items() if not value.strip()]
    if not missing:
        return []
    message = say("请实名提出异议：还没有填写{fields}", fields=tuple(missing))
    return [refuse("oversight.objection_incomplete", message)]


def answered(answer: str) -> list[Finding]:
    """Find an answer without its reason."""
    return [] if answer.strip() else [refuse("oversight.answer_reason", say("请写明答复的理由，理由会告知异议人"))]
