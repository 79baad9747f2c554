"""特殊情况审批: somebody with the right lets one rule pass for one subject, with a reason that is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.access import Place, Role, holds
from lbcert.core.database import Base, Id, Stamped, append_only, db, explain
from lbcert.core.findings import Finding, Level, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.words import say


class Waiver(Base, Stamped):
    """A granted exception: ``subject`` is "kind:id", as in the finding that it answers."""

    __tablename__ = "waivers"
    __table_args__ = (Index("ix_waivers_rule_subject", "rule", "subject", unique=True),)
    id: Mapped[Id]
    rule: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    reason: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int]


append_only(Waiver, "core.waiver", say("特殊情况审批只能新增，不能修改或删除"))
explain("waivers", "rule, subject", "core.waiver_twice", say("这一特殊情况已经批准过"))


def refuse_on(*groups: Iterable[Finding]) -> list[Finding]:
    """Raise ``Refused`` with all findings when one of them stops; give back those that are only shown.

    A finding of level *exception* for whose rule and subject an exception was granted is shown and stops nothing.
    """
    findings = [finding for group in groups for finding in group]
    if any(stands(finding) for finding in findings):
        raise Refused(findings)
    return findings


def stands(finding: Finding) -> bool:
    """Tell whether a finding stops, after the exceptions that were granted."""
    if finding.level is not Level.EXCEPTION:
        return finding.stops
    query = select(Waiver.id).where(Waiver.rule == finding.rule, Waiver.subject == finding.subject)
    return db.session.scalar(query) is None


def granted_shown(findings: Iterable[Finding]) -> list[Finding]:
    """Show what an exception was granted for as a note: it stops nothing any more."""
    return [
        replace(finding, level=Level.NOTE, message=say("已批准特殊情况：{finding}", finding=finding.message))
        if finding.level is Level.EXCEPTION and not stands(finding)
        else finding
        for finding in findings
    ]


def _region(region_code: str) -> Place:
    return Place(regions=(region_code,))


@operation("core.grant_waiver", say("批准特殊情况"), allow=holds(Role.BUREAU_OFFICER, at=_region))
def grant_waiver(actor: Any, rule: str, subject: str, region_code: str, reason: str) -> Waiver:
    """Grant an exception to one rule for one subject. Refused without a reason, and when it was granted before."""
    if not reason.strip():
        raise Refused([refuse("core.waiver_reason", say("请写明批准特殊情况的理由"))])
    waiver = Waiver(rule=rule, subject=subject, region_code=region_code, reason=reason.strip(), account_id=actor.id)
    db.session.add(waiver)
    return waiver
