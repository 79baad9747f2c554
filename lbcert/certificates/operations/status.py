"""What becomes of an issued certificate: a history that only grows, and the holder's record kept in step."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select

from lbcert.certificates import rules
from lbcert.certificates.models import Certificate, Reason, Status, StatusChange
from lbcert.certificates.operations.grounds import draft_again
from lbcert.certificates.operations.issuing import issue, tell_changed
from lbcert.certificates.operations.log import witness
from lbcert.certificates.operations.status_lists import rebuild_lists
from lbcert.certificates.places import DECIDES_STATUS, ISSUED_IT, issuer_place
from lbcert.certificates.rules import Step
from lbcert.certificates.types import certificate_type
from lbcert.core import clock, policy
from lbcert.core.access import Actor, Console, Role, covers
from lbcert.core.database import db, load
from lbcert.core.operation import at_the_end, operation
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import Outcome, Result
from lbcert.parties.models import Organisation, OrganisationKind, Qualification
from lbcert.parties.operations import set_standing


@operation("certificates.suspend", say("暂停使用证书"), allow=DECIDES_STATUS)
def suspend(actor: Any, certificate_id: int, reason: Reason, detail: str) -> Certificate:
    """Suspend a certificate (暂停使用) while something is looked into. ``detail`` stays in the file."""
    return _step(actor, certificate_id, Step.SUSPEND, reason, detail)


@operation("certificates.reinstate", say("恢复证书"), allow=DECIDES_STATUS)
def reinstate(actor: Any, certificate_id: int, reason: Reason, detail: str) -> Certificate:
    """Let a suspended certificate stand again. Refused while the newest result of the candidate is no pass."""
    return _step(actor, certificate_id, Step.REINSTATE, reason, detail)


@operation("certificates.revoke", say("撤销证书"), allow=DECIDES_STATUS)
def revoke(actor: Any, certificate_id: int, reason: Reason, detail: str) -> Certificate:
    """Revoke a certificate (撤销), for good; its page says so, and never a 404."""
    return _step(actor, certificate_id, Step.REVOKE, reason, detail)


@operation("certificates.replace", say("换发证书"), allow=ISSUED_IT)
def replace(actor: Any, certificate_id: int, reason: Reason, detail: str) -> Certificate:
    """Issue a certificate anew (换发) from what is on file today, under a new number; gives the new one.

    A standing certificate becomes 已换发; a revoked one stays revoked. Refused when its ground is gone.
    """
    old = load(Certificate, certificate_id, lock=True)
    refuse_on(rules.may_step(old.number, old.status, Step.REPLACE, reason, detail, replaced=old.successor is not None))
    return _succeed(actor, old, reason, detail, str(say("制作换发证书：替代 {number}", number=old.number)))


@operation("certificates.renew", say("到期续期证书"), allow=ISSUED_IT)
def renew(actor: Any, certificate_id: int, reason: Reason, detail: str) -> Certificate:
    """Issue the successor of a certificate that ends, on the same ground and under a new number; gives the new one.

    Refused where it has no end, its type has no renewal, it is too early (policy), or its ground is gone.
    """
    old = load(Certificate, certificate_id, lock=True)
    ruling = policy.ruling(rules.REMINDER_DAYS, old.organisation.region_code, clock.today())
    refuse_on(
        rules.may_step(old.number, old.status, Step.RENEW, reason, detail, replaced=old.successor is not None),
        rules.may_renew(
            old.number,
            old.expires_on,
            certificate_type(old.type).no_renewal,
            ruling.value,
            ruling.source,
            clock.today(),
        ),
    )
    return _succeed(actor, old, reason, detail, str(say("制作续期证书：替代 {number}", number=old.number)))


def change_status(
    actor: Actor, certificate: Certificate, status: Status, reason: Reason, detail: str, authority: str
) -> None:
    """Write an entry of the history, then the status, then whether the holder's record still counts.

    Plugins are told at once; of 已换发 when the successor is issued.
    """
    change = StatusChange(
        certificate_id=certificate.id,
        status=status,
        reason=reason,
        detail=detail.strip(),
        authority=authority,
        account_id=actor.id,
    )
    db.session.add(change)
    db.session.flush()  # the database lets no status stand without its entry
    certificate.status = status
    db.session.flush()
    held = db.session.scalar(_record_of(certificate))
    if held is not None:
        set_standing(actor, held, status is Status.VALID)
    at_the_end(rebuild_lists, certificate.status_list)
    witness(f"status/{status}", certificate.token_digest, change.created_at)
    if status is not Status.REPLACED:
        tell_changed(certificate)


def suspend_fallen(result: Result) -> None:
    """Suspend what stands on an earlier result of a candidate who has not passed any more, inside the operation that amended it.

    Other points that still pass leave the certificate as it stands: its issuer is asked to issue it anew. The old result is
    locked first: a certificate that is being issued on it at this moment is waited for, or finds the amendment.
    """
    db.session.scalar(select(Result.id).where(Result.id == result.replaces_id).with_for_update(key_share=True))
    if result.outcome is Outcome.PASSED:
        return
    standing = (
        select(Certificate)
        .join(Result)
        .where(Result.candidate_id == result.candidate_id, Certificate.status == Status.VALID)
    )
    detail = str(say("认定结果更正为“{outcome}”（成绩更改第 {number} 号）", outcome=result.outcome.label, number=result.amendment_id))  # fmt: skip
    for certificate in db.session.scalars(standing.with_for_update(of=Certificate)).all():
        change_status(
            Console(), certificate, Status.SUSPENDED, Reason.RESULT_AMENDED, detail, certificate.organisation.name
        )


def _record_of(certificate: Certificate) -> Any:
    kind = certificate_type(certificate.type).qualification
    return select(Qualification.id).where(Qualification.kind == kind, Qualification.number == certificate.number)


def _succeed(actor: Actor, old: Certificate, reason: Reason, detail: str, title: str) -> Certificate:
    draft, series = draft_again(actor, old)
    if old.status is not Status.REVOKED:
        change_status(actor, old, Status.REPLACED, reason, detail, old.organisation.name)
    return issue(actor, [dataclasses.replace(draft, replaces=old)], series, title).certificates[0]


def _step(actor: Actor, certificate_id: int, step: Step, reason: Reason, detail: str) -> Certificate:
    certificate = load(Certificate, certificate_id, lock=True)
    refuse_on(rules.may_step(certificate.number, certificate.status, step, reason, detail, replaced=False))
    status = rules.status_after(step)
    change_status(actor, certificate, status, reason, detail, authority_of(actor, certificate))
    return certificate


def authority_of(actor: Actor, certificate: Certificate) -> str:
    """Name in whose name the actor decides: the issuing organisation, or the bureau."""
    issuer = certificate.organisation
    if any(grant.role is Role.ISSUER and grant.organisation_id == issuer.id for grant in actor.grants):
        return issuer.name
    place = issuer_place(certificate.id)
    grant = next(grant for grant in actor.grants if grant.role is Role.BUREAU_OFFICER and covers(grant, place))
    if grant.organisation_id is not None:
        return load(Organisation, grant.organisation_id).name
    bureau = db.session.scalar(
        select(Organisation.name).where(
            Organisation.kind == OrganisationKind.BUREAU, Organisation.region_code == grant.region_code
        )
    )
    return bureau or str(say("{region}人力资源和社会保障部门", region=load(Region, grant.region_code).name))
