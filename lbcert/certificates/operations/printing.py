"""Printing: each certificate's PDF is rendered once, outside any transaction, and kept for ever."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.certificates.models import Certificate
from lbcert.certificates.paper_code import as_printed, paper_code
from lbcert.certificates.places import job_place
from lbcert.certificates.queries import log, pdf_certificates
from lbcert.certificates.queries.designs import look_of
from lbcert.certificates.rendering.bounds import render_apart
from lbcert.certificates.rendering.design import Attached, Look, Paper, Source
from lbcert.certificates.token import link
from lbcert.core import files, jobs
from lbcert.core.access import Actor, Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Refused, refuse
from lbcert.core.jobs import Job
from lbcert.core.operation import INSIDE, operation
from lbcert.core.words import say
from lbcert.parties.models import Person

#: Certificates of an item: the more, the more are alike and laid out as one; a worker that is killed does at most so many again.
CHUNK = 100
_KIND = "certificates.render"
NO_PDF_CERTIFICATE = say(
    "没有可用的 PDF 签名证书：请管理员在服务器上运行 lbcert keys pdf new，或由品牌关闭 PDF 电子签名"
)


@dataclass(frozen=True)
class Print:
    """What came of one certificate: its PDF, or why there is none."""

    certificate_id: int
    pdf: bytes | None
    problem: str = ""


def start_printing(actor: Actor, certificates: Sequence[Certificate], title: str) -> Job:
    """Write the job that renders certificates, inside the operation that issued them."""
    keys = [certificate.id for certificate in certificates]
    chunks = [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
    job = jobs.start(actor, _KIND, title[:120], [(f"{chunk[0]}-{chunk[-1]}", chunk) for chunk in chunks])
    for certificate in certificates:
        certificate.job_id, certificate.print_problem = job.id, ""
    return job


@operation("certificates.print_again", say("重新制作证书打印件"), allow=holds(Role.ISSUER, at=job_place))
def print_again(actor: Any, job_id: int) -> Job:
    """Render what a finished job left without its PDF, as when a photo was put right. Refused when nothing was left."""
    left = []
    if load(Job, job_id).is_finished:
        unprinted = select(Certificate).where(Certificate.job_id == job_id, Certificate.file_id.is_(None))
        left = list(db.session.scalars(unprinted.order_by(Certificate.id)))
    if not left:
        raise Refused([refuse("certificates.nothing_to_print", say("没有需要重新制作的证书文件"))])
    return start_printing(actor, left, str(say("重新制作证书文件 {count} 份", count=len(left))))


def _render(ids: list[int]) -> list[Print]:
    """Render a chunk; where one of it fails, each by itself, so that it stops no other."""
    certificates = db.session.scalars(
        select(Certificate)
        .where(Certificate.id.in_(ids), Certificate.file_id.is_(None))
        .options(
            joinedload(Certificate.person).joinedload(Person.photo),
            joinedload(Certificate.brand),
            joinedload(Certificate.design),
        )
        .order_by(Certificate.id)
    ).all()
    papers = [(certificate.id, look_of(certificate), paper_of(certificate)) for certificate in certificates]
    signed = {certificate.id for certificate in certificates if certificate.brand.signs_pdfs}
    sealer = pdf_certificates.find_sealer() if signed else None
    db.session.rollback()  # nothing is locked while it draws
    prints: list[Print] = []
    for design in dict.fromkeys(look for _, look, _ in papers):
        chosen = [(key, paper) for key, look, paper in papers if look == design]
        try:
            pdfs = _drawn([paper for _, paper in chosen], design)
        except Refused:
            prints += [_alone(key, paper, design) for key, paper in chosen]
        else:
            prints += [Print(key, pdf) for (key, _), pdf in zip(chosen, pdfs, strict=True)]
    return [_signed(each, sealer) if each.certificate_id in signed else each for each in prints]


def _signed(drawn: Print, sealer: Callable[[bytes], bytes] | None) -> Print:
    """Sign a PDF that was drawn; without a certificate in force it waits for one."""
    if drawn.pdf is None:
        return drawn
    if sealer is None:
        return Print(drawn.certificate_id, None, str(NO_PDF_CERTIFICATE))
    return Print(drawn.certificate_id, sealer(drawn.pdf))


def _drawn(papers: Sequence[Paper], design: Look) -> list[bytes]:
    if isinstance(design, Source):
        return render_apart(papers, design)
    from lbcert.certificates.rendering.pdf import render  # noqa: PLC0415 (loads WeasyPrint: half a second, in the worker alone)

    return list(render(papers, design))


def _alone(key: int, paper: Paper, design: Look) -> Print:
    try:
        return Print(key, _drawn([paper], design)[0])
    except Refused as refusal:
        return Print(key, None, str(refusal))


def paper_of(certificate: Certificate) -> Paper:
    """Give all that a certificate prints."""
    settings = current_app.config["LBCERT"]
    photo, host = certificate.person.photo, settings.public_url.partition("://")[2]
    return Paper(
        claims=json.loads(certificate.claims),
        link=link.write(settings.public_url, certificate.token),
        check_at=f"{host}/verify",
        own_code=as_printed(paper_code(certificate.cti)),
        own_at=f"{host}/my",
        photo=photo.read() if photo else None,
        demo=settings.demo,
        attached=attached_to(certificate),
    )


def attached_to(certificate: Certificate) -> list[Attached]:
    """Give what a certificate's PDF carries inside, so that it can be checked when nobody answers any more."""
    proof = log.proof_of(certificate)
    return [
        Attached("certificate.cwt", certificate.token, "application/cwt", "token"),
        Attached("claims.json", certificate.claims.encode(), "application/json", "claims"),
        *([Attached("log-proof.txt", proof.encode(), "text/plain", "tlog-proof@v1")] if proof else []),
    ]


@operation("certificates.keep_prints", say("保存证书打印件"), allow=INSIDE)
def _keep(actor: Any, payload: list[int], computed: Iterable[Print]) -> None:  # noqa: ARG001 (as jobs call it)
    """Keep the PDFs that a worker made, or why it could not."""
    prints = {each.certificate_id: each for each in computed}
    rows = db.session.scalars(select(Certificate).where(Certificate.id.in_(prints), Certificate.file_id.is_(None)))
    for certificate in rows.all():
        each = prints[certificate.id]
        if each.pdf is None:
            certificate.print_problem = each.problem[:300]
        else:
            certificate.file_id = files.keep(each.pdf, f"{certificate.number}.pdf", "application/pdf").id
            certificate.print_problem = ""


jobs.work(_KIND, _render, _keep)
