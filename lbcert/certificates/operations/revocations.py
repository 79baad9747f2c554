"""Revoke many certificates together: suspended at once, for good only when nobody took it back in the hours that policy sets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import current_app

from lbcert.certificates import rules
from lbcert.certificates.models import BulkRevocation, BulkRevocationItem, Certificate, Reason, Settled, Status
from lbcert.certificates.operations.status import authority_of, change_status
from lbcert.certificates.places import DECIDES_ON_ALL, DECIDES_ON_REVOCATION
from lbcert.certificates.queries import revocations as queries
from lbcert.certificates.queries.amended import fallen_among
from lbcert.core import clock, jobs, papers
from lbcert.core.access import CONSOLE, Actor, Console
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

#: The signed paper of a bulk revocation.
DECISION = "revocation_decision"


@operation("certificates.revoke_together", say("批量撤销证书"), allow=DECIDES_ON_ALL)
def revoke_together(
    actor: Any, certificate_ids: Sequence[int], reason: Reason, detail: str, paper: bytes, paper_name: str, chosen: str
) -> BulkRevocation:
    """Suspend certificates at once, to be revoked when the hours of the issuers' region are over.

    ``paper`` is the signed decision, ``chosen`` says how the certificates were chosen. Refused, for all of them, when one
    is revoked, replaced or in another bulk revocation by now, and where no hours are on file.
    """
    for certificate_id in sorted(certificate_ids):
        load(Certificate, certificate_id, lock=True)
    lines = queries.of_ids(actor, certificate_ids)
    hours = queries.hours_of(lines)
    refuse_on(
        rules.may_revoke_together({line.certificate.number: line.fate for line in lines}, reason, detail),
        rules.hours_to_undo([(region, ruling.value) for region, ruling in hours]),
        papers.no_paper(paper, paper_name),
        _nobody(actor),
    )
    longest = max((ruling for _, ruling in hours), key=lambda ruling: ruling.value)
    began = clock.now()
    revocation = BulkRevocation(
        reason=reason, detail=detail.strip(), chosen=chosen, due_at=began + timedelta(hours=longest.value),
        source=longest.source, account_id=actor.id, person_id=actor.person_id, created_at=began,
    )  # fmt: skip
    db.session.add(revocation)
    db.session.flush()
    papers.receive(f"bulk_revocation:{revocation.id}", DECISION, paper, paper_name, actor.id)
    for certificate in (line.certificate for line in lines):
        authority, was = authority_of(actor, certificate), certificate.status
        item = BulkRevocationItem(revocation=revocation, certificate_id=certificate.id, was=was, authority=authority)
        db.session.add(item)
        if was is Status.VALID:
            change_status(actor, certificate, Status.SUSPENDED, reason, _of(revocation, detail), authority)
    return revocation


@operation("certificates.undo_revocation", say("收回批量撤销"), allow=DECIDES_ON_REVOCATION)
def undo_revocation(actor: Any, revocation_id: int, certificate_ids: Sequence[int], detail: str) -> BulkRevocation:
    """Take certificates out of a bulk revocation: those that stood before stand again.

    By another person than began it, before its hours are over. Refused for a certificate whose result was amended since:
    that one cannot stand again.
    """
    revocation = load(BulkRevocation, revocation_id, lock=True)
    items = [item for item in _pending(revocation_id) if item.certificate_id in set(certificate_ids)]
    refuse_on(_nobody(actor), _may_undo(actor, revocation, items, detail))
    for item in items:
        item.settled, item.settled_at, item.undone_by = Settled.UNDONE, clock.now(), actor.person_id
    db.session.flush()  # the database lets nobody reinstate what is pending
    for item in items:
        certificate = item.certificate
        if item.was is Status.VALID and certificate.status is Status.SUSPENDED:
            authority = authority_of(actor, certificate)
            change_status(actor, certificate, Status.VALID, Reason.CLEARED, _of(revocation, detail), authority)
    return revocation


@operation("certificates.finish_revocation", say("完成批量撤销"), allow=CONSOLE)
def finish_revocation(actor: Any, revocation_id: int) -> BulkRevocation:
    """Revoke what nobody took back, once the hours are over; what was revoked or replaced by itself is passed over."""
    revocation = load(BulkRevocation, revocation_id, lock=True)
    refuse_on(_not_due(revocation))
    beginner = current_app.extensions["lbcert.account"](revocation.account_id)
    for item in _pending(revocation_id):
        stands = item.certificate.status is Status.SUSPENDED
        item.settled, item.settled_at = Settled.REVOKED if stands else Settled.PASSED_OVER, clock.now()
        if stands:
            detail = _of(revocation, revocation.detail)
            change_status(beginner, item.certificate, Status.REVOKED, revocation.reason, detail, item.authority)
    return revocation


@jobs.regularly
def finish_what_is_due() -> None:
    """Carry out the bulk revocations whose hours are over."""
    for revocation_id in queries.due():
        finish_revocation(Console(), revocation_id)


def _pending(revocation_id: int) -> list[BulkRevocationItem]:
    """Give what waits, its certificates locked in the order of their ids."""
    items = [item for item in queries.items_of(revocation_id) if item.settled is Settled.PENDING]
    for item in sorted(items, key=lambda each: each.certificate_id):
        load(Certificate, item.certificate_id, lock=True)
    return items


def _of(revocation: BulkRevocation, detail: str) -> str:
    return str(say("批量撤销第 {number} 批：{detail}", number=revocation.id, detail=detail.strip()))


def _nobody(actor: Actor) -> list[Finding]:
    if actor.person_id is not None:
        return []
    message = say("您的账号没有对应到个人，不能批量撤销或收回：请账号管理员补登")
    return [refuse("certificates.revoker_unknown", message)]


def _may_undo(
    actor: Actor, revocation: BulkRevocation, items: Sequence[BulkRevocationItem], detail: str
) -> list[Finding]:
    findings = []
    if actor.person_id == revocation.person_id:
        message = say("批量撤销由 {name} 发起，须由另一人收回", name=revocation.person.name)
        findings.append(refuse("certificates.undo_by_another", message))
    if clock.now() >= revocation.due_at:
        due = f"{clock.local(revocation.due_at):%Y-%m-%d %H:%M}"
        message = say("收回的期限已于 {due} 届满；确属误撤的，请换发", due=due)
        findings.append(refuse("certificates.undo_window", message, revocation.source))
    if not items:
        findings.append(refuse("certificates.none_chosen", say("没有选中可以收回的证书")))
    if not detail.strip():
        findings.append(refuse("certificates.detail", say("请写明收回的依据和经过（只存档，不公开）")))
    fallen = fallen_among([item.certificate_id for item in items if item.was is Status.VALID])
    for item in items:
        if item.certificate_id in fallen:
            message = say(
                "证书 {number} 的认定结果已经更改为不合格，不能恢复使用：请不要选它", number=item.certificate.number
            )
            findings.append(refuse("certificates.result_amended", message))
    return findings


def _not_due(revocation: BulkRevocation) -> list[Finding]:
    if clock.now() >= revocation.due_at:
        return []
    due = f"{clock.local(revocation.due_at):%Y-%m-%d %H:%M}"
    return [refuse("certificates.undo_window", say("{due} 以前还可以收回，不能撤销", due=due), revocation.source)]
