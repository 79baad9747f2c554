"""Writing a version of a rubric, and withdrawing one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lbcert.core import clock, sequences
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rubrics, rules
from lbcert.exams.models import Part, Rubric, RubricItem
from lbcert.exams.places import RUBRIC_KEEPERS, RUBRIC_WITHDRAWERS
from lbcert.exams.queries.cards import trades_filed
from lbcert.exams.scoring import Item
from lbcert.parties.models import Organisation


@operation("exams.write_rubric", say("登记评分细则"), allow=RUBRIC_KEEPERS)
def write_rubric(
    actor: Any,
    body_id: int,
    trade_id: int,
    level: SkillLevel | None,
    part: Part,
    items: Sequence[Item],
    valid_from: date,
    source: str,
) -> Rubric:
    """Write the next version of how a body marks a part of a trade's level; exams from ``valid_from`` on that have not begun take it.

    Refused for a trade that the body has not filed, without a document, and where the items are not whole: a version
    never changes.
    """
    body, trade = load(Organisation, body_id), load(Trade, trade_id)
    stranger = say("{body} 没有“{trade}”的评价备案，请先登记备案", body=body.name, trade=trade.name)
    refuse_on(
        [] if trade in trades_filed(body.id) else [refuse("exams.rubric_trade", stranger)],
        [] if source.strip() else [refuse("exams.rubric_source", say("请写明依据的文件；本机构自定的写“本机构制定”"))],
        rubrics.whole(items),
    )
    (edition,) = sequences.take(f"rubric:{body.id}:{trade.id}:{level or ''}:{part}")
    rubric = Rubric(
        body_id=body.id,
        trade_id=trade.id,
        level=level,
        part=part,
        edition=edition,
        valid_from=valid_from,
        source=source.strip()[:200],
        account_id=actor.id,
    )
    db.session.add(rubric)
    db.session.flush()
    for place, item in enumerate(items, start=1):
        row = RubricItem(place=place, name=item.name, weight=item.weight, most=item.most, guide=item.guide)
        rubric.items.append(row)
    return rubric


@operation("exams.withdraw_rubric", say("停用评分细则"), allow=RUBRIC_WITHDRAWERS)
def withdraw_rubric(actor: Any, rubric_id: int, reason: str) -> Rubric:
    """Let no exam begin by a version any more; the one before it holds again. Exams that have begun keep it."""
    rubric = load(Rubric, rubric_id, lock=True)
    withdrawn = refuse("exams.rubric_withdrawn", say("这一版评分细则已经停用"))
    refuse_on(rules.reasoned(reason), [withdrawn] if rubric.withdrawn_on else [])
    rubric.withdrawn_on, rubric.withdrawn_reason = clock.today(), reason.strip()[:300]
    return rubric
