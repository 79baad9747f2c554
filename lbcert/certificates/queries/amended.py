"""Certificates whose result was amended after they were issued: what their issuers still have to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.certificates.models import Certificate, Status
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.exams.models import Outcome, Result
from lbcert.exams.queries.results import standing_results

_issued_on = aliased(Result)


def _amended() -> Select[Certificate, Outcome]:
    """Select the certificates that rest on a replaced result, with the outcome that counts today."""
    newest = standing_results().where(Result.replaces_id.is_not(None)).subquery()
    return (
        select(Certificate, newest.c.outcome)
        .join(_issued_on, _issued_on.id == Certificate.result_id)
        .join(newest, newest.c.candidate_id == _issued_on.candidate_id)
        .where(newest.c.id != _issued_on.id)
    )


def fallen_among(certificate_ids: Sequence[int]) -> set[int]:
    """Give which of the certificates rest on a result that is no pass any more, by id."""
    rows = db.session.execute(_amended().where(Certificate.id.in_(certificate_ids)))
    return {certificate.id for certificate, outcome in rows if outcome != Outcome.PASSED}


def todo(actor: Actor) -> Iterator[Todo]:
    """Tell an issuer which certificates to revoke, because the result fell, and which to issue anew with the right points."""
    query = (
        _amended()
        .where(
            Certificate.status.in_((Status.VALID, Status.SUSPENDED)),
            visible(actor, Role.ISSUER, organisation=[Certificate.organisation_id]),
        )
        .options(joinedload(Certificate.person))
        .order_by(Certificate.id)
    )
    for certificate, outcome in db.session.execute(query):
        if outcome == Outcome.PASSED:
            words = say("成绩更正后仍合格，请按新成绩换发：{name}，{number}", name=certificate.person.name, number=certificate.number)  # fmt: skip
        else:
            words = say("认定结果已改为不合格，证书已暂停使用，请撤销：{name}，{number}", name=certificate.person.name, number=certificate.number)  # fmt: skip
        yield Todo(words, "certificates.certificate", {"certificate_id": certificate.id})
