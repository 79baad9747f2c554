"""Designs of an issuer's own: drafted, tried, and put in force by a second person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from lbcert.certificates.models import DesignVersion
from lbcert.certificates.models.designs import SHIPPED_NUMBER
from lbcert.certificates.places import DECIDES_DESIGN, MAKES_DESIGN, one_organisation
from lbcert.certificates.queries.designs import designable_types, source_of, trial_of
from lbcert.certificates.rendering.design import Source
from lbcert.certificates.types import certificate_type
from lbcert.core import clock
from lbcert.core.access import Actor, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, Missing, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Account, Organisation

#: Characters of each of the three texts; the largest that is shipped has 50,000.
MOST = 100_000


@operation("certificates.begin_design", say("起草证书版式"), allow=holds(Role.ISSUER, at=one_organisation))
def begin_design(actor: Any, organisation_id: int, type_name: str, from_id: int | None = None) -> DesignVersion:
    """Begin an organisation's next design of a type as a copy of one of its versions, by default of the shipped one.

    Refused while another draft is open; `Missing` for a type that such an organisation does not issue.
    """
    kind = certificate_type(type_name)
    if kind not in designable_types([load(Organisation, organisation_id)]):
        raise Missing(f"designs of {type_name}")
    begun = _copied(organisation_id, type_name, from_id) if from_id is not None else Source.read(kind.design)
    numbers = select(func.max(DesignVersion.number)).where(
        DesignVersion.organisation_id == organisation_id, DesignVersion.type == type_name
    )
    draft = DesignVersion(
        organisation_id=organisation_id,
        type=type_name,
        number=(db.session.scalar(numbers) or SHIPPED_NUMBER) + 1,
        template=begun.template,
        style=begun.style,
        frame=begun.frame,
        drafted_by=actor.id,
    )
    db.session.add(draft)
    return draft


@operation("certificates.write_design", say("修改证书版式"), allow=MAKES_DESIGN)
def write_design(
    actor: Any, design_id: int, source: Source, remark: str = "", *, version: int | None = None
) -> DesignVersion:
    """Write a draft; what is wrong with it is said, and stops only when it is to be put in force.

    Refused once it was asked for, for a text that is too long, and when somebody else wrote since ``version``.
    """
    draft = load(DesignVersion, design_id, lock=True)
    refuse_on(stale(draft, version), _is_draft(draft), _fits(source))
    draft.template, draft.style, draft.frame, draft.remark = source.template, source.style, source.frame, remark.strip()
    return draft


@operation("certificates.ask_design", say("提请启用证书版式"), allow=MAKES_DESIGN)
def ask_design(actor: Any, design_id: int) -> DesignVersion:
    """Ask for a draft to be put in force; it is written no more. Refused for whatever its trial finds."""
    draft = load(DesignVersion, design_id, lock=True)
    refuse_on(_is_draft(draft), trial_of(draft.type, source_of(draft)).findings)
    draft.asked_by = actor.id
    return draft


@operation("certificates.answer_design", say("答复启用证书版式"), allow=DECIDES_DESIGN)
def answer_design(actor: Any, design_id: int, *, granted: bool) -> DesignVersion:
    """Put a design in force for what is issued from now on, which takes another person; or make it a draft again."""
    draft = load(DesignVersion, design_id, lock=True)
    refuse_on(_is_asked(draft))
    if not granted:
        draft.asked_by = None
        return draft
    refuse_on(_is_another(actor, draft), trial_of(draft.type, source_of(draft)).findings)
    draft.decided_by, draft.in_force_at = actor.id, clock.now().replace(microsecond=0)
    return draft


def _copied(organisation_id: int, type_name: str, from_id: int) -> Source:
    older = load(DesignVersion, from_id)
    if (older.organisation_id, older.type) != (organisation_id, type_name):
        raise Missing(f"design {from_id} of organisation {organisation_id}")
    return source_of(older)


def _is_draft(design: DesignVersion) -> list[Finding]:
    if design.is_draft:
        return []
    return [refuse("certificates.design_not_draft", say("这一版已经提请启用，不能再改"))]


def _is_asked(design: DesignVersion) -> list[Finding]:
    if design.asked_by is not None and design.in_force_at is None:
        return []
    return [refuse("certificates.design_not_asked", say("没有人提请启用这一版，或者它已经启用"))]


def _is_another(actor: Actor, design: DesignVersion) -> list[Finding]:
    if not load(Account, design.asked_by).is_of(actor):
        return []
    return [refuse("certificates.design_second_person", say("启用版式须由另一人确认"))]


def _fits(source: Source) -> list[Finding]:
    if max(map(len, (source.template, source.style, source.frame))) <= MOST:
        return []
    return [refuse("certificates.design_size", say("每一部分最多 {most} 个字符", most=MOST))]
