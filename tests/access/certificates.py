"""Certificates: who issues, who decides their standing, who looks."""

from datetime import UTC, date, datetime

from lbcert.certificates.models import Certificate, Reason
from lbcert.certificates.national import ANSWER
from lbcert.certificates.operations.designs import begin_design
from lbcert.certificates.operations.grounds import issue_skill_certificates
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.own import share
from lbcert.certificates.operations.pdf_certificates import keep_pdf_certificate
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.certificates.operations.reports import make_query_report, receive_answer
from lbcert.certificates.operations.revocations import revoke_together
from lbcert.certificates.pades.identity import Identity, make_authority, make_identity
from lbcert.certificates.queries.reports import check_answer
from lbcert.certificates.rendering.design import Source
from lbcert.certificates.token.keys import Signer
from lbcert.core import clock, jobs
from lbcert.core.access import Console, Holder, Role
from lbcert.core.database import load
from lbcert.core.policy import set_policy
from lbcert.core.sheets import Table, write_workbook
from lbcert.parties.models import OrganisationKind
from tests.access.machinery import HERE, Row
from tests.exams import scene as exam

PREFIX = "S000053000123"


def prefix(stage):
    """Give the body's number prefix."""
    body = stage.at(OrganisationKind.ASSESSMENT_BODY)
    officer = stage.account(Role.BUREAU_OFFICER)
    return stage.once("prefix", lambda: enter_prefix(officer, body.id, PREFIX, "批复", date(2025, 1, 1)))


def key(stage):
    """Give the first signing key."""
    return stage.once("key", lambda: init_keys(Console()))


def batch(stage):
    """Give a published batch of the body here, for which nothing was issued yet."""
    return stage.once("published batch", lambda: _published(stage, "RD1"))


def _published(stage, number):
    prefix(stage)
    key(stage)
    return exam.published(number=number, body_id=stage.at(OrganisationKind.ASSESSMENT_BODY).id).batch


def certificate(stage):
    """Give a certificate of the body here."""
    return stage.once("issued", lambda: _issued(stage))


def _issued(stage):
    batch_id = _published(stage, "RD2").id
    return issue_skill_certificates(stage.account(Role.ISSUER), batch_id).certificates[0]


def step(reason):
    """Make the arguments of a change of status."""
    return lambda stage: {"certificate_id": certificate(stage).id, "reason": reason, "detail": "说明"}


def revocation(stage):
    """Give a bulk revocation of the certificate here, begun by its issuer."""
    officer = stage.account(Role.BUREAU_OFFICER)
    stage.once(
        "hours", lambda: set_policy(officer, HERE, "certificates.revocation_hours", 24, date(2025, 1, 1), "本局设定")
    )
    return stage.once("revocation", lambda: revoke_together(stage.account(Role.ISSUER), **together(stage)))


def together(stage):
    """Make the arguments of a bulk revocation."""
    return {
        "certificate_ids": [certificate(stage).id], "reason": Reason.FRAUD, "detail": "说明", "paper": b"%PDF-", "paper_name": "决定.pdf",
        "chosen": "编号清单",
    }  # fmt: skip


def the_revocation(stage):
    return {"revocation_id": revocation(stage).id}


def identity() -> Identity:
    """Make what signs PDFs."""
    root = Signer.fresh().private_key
    return make_identity(root, make_authority(root, "root", clock.now()), "示例", clock.now())


def holders(stage):
    """Give the holder of the certificate here, and somebody else's visit."""
    here = certificate(stage).person_id
    return {"the holder": (Holder(here), True), "another holder": (Holder(here + 1), False)}


def the_share(stage):
    """Make the arguments about a share link of the holder here."""
    found = certificate(stage)
    return {"share_id": stage.once("share", lambda: share(Holder(found.person_id), [found.id], 7, "SECRET")).id}


def design(stage):
    """Give a draft of the body here, begun by another issuer of it."""
    body = stage.at(OrganisationKind.ASSESSMENT_BODY)
    return stage.once("design", lambda: begin_design(stage.account(Role.ISSUER), body.id, "skill_level"))


def the_design(stage):
    return {"design_id": design(stage).id}


def written(stage):
    """Make the arguments of writing a draft."""
    return {**the_design(stage), "source": Source("<p>{{ qr }}</p>", "p {}", "<svg/>")}


def report(stage):
    """Give a file of the certificates of the body here."""
    certificate(stage)
    issued = stage.once("issued", lambda: None)
    batch_id = issued.result.batch_id
    return stage.once("report", lambda: make_query_report(stage.account(Role.ISSUER), batch_id))


def answer(stage):
    """Give an answer to it that is staged."""

    def made():
        rows = [{"number": line.certificate.number, "state": "接收"} for line in report(stage).lines]
        return receive_answer(
            stage.account(Role.ISSUER), report(stage).id, write_workbook(Table("回执", ANSWER, rows)), "x.xlsx"
        )

    return {"staged_id": stage.once("answer", made).id}


def checked(stage):
    rows = [{"number": line.certificate.number, "state": "接收"} for line in report(stage).lines]
    return check_answer(report(stage).id, write_workbook(Table("回执", ANSWER, rows)), "x.xlsx")


def reporting(stage):
    return {"report_id": report(stage).id}


def reported_batch(stage):
    return {"batch_id": report(stage).batch_id}


REPORTS = "issuer assessment_clerk"
OPERATIONS = {
    "certificates.make_query_report": Row(REPORTS, reported_batch),
    "certificates.read_query_report": Row(REPORTS, reporting),
    "certificates.stage_query_answer": Row(REPORTS, lambda stage: {**reporting(stage), "checked": checked(stage)}),
    "certificates.take_query_answer": Row(REPORTS, answer),
    "certificates.discard_query_answer": Row(REPORTS, answer),
    "certificates.create_key": Row("console"),
    "certificates.init_keys": Row("console"),
    "certificates.rotate_key": Row("console", lambda stage: {"kid": key(stage).kid}),
    "certificates.retire_key": Row("console", lambda stage: {"kid": key(stage).kid}),
    "certificates.compromise_key": Row("console", lambda stage: {"kid": key(stage).kid, "since": datetime(2025, 1, 1, tzinfo=UTC)}),
    "certificates.close_issuer": Row("console", lambda _stage: {"reason": "撤并"}),
    "certificates.publish_trust_list": Row("console", lambda _stage: {"content": b"", "root_public_key": b""}),
    "certificates.keep_pdf_certificate": Row("console", lambda _stage: {"identity": identity()}),
    "certificates.withdraw_pdf_certificate": Row(
        "console", lambda stage: {"fingerprint": stage.once("pdf", lambda: keep_pdf_certificate(Console(), identity())).fingerprint}
    ),
    "certificates.ask_key_retirement": Row(
        "admin* bureau_officer* console", lambda stage: {"key_id": key(stage).id, "reason": "到期"}
    ),
    "certificates.answer_key_retirement": Row(
        "admin* bureau_officer* console", lambda stage: {"key_id": key(stage).id, "granted": True}
    ),
    "certificates.begin_design": Row(
        "issuer", lambda stage: {"organisation_id": stage.at(OrganisationKind.ASSESSMENT_BODY).id, "type_name": "skill_level"}
    ),
    "certificates.write_design": Row("issuer", written),
    "certificates.ask_design": Row("issuer", the_design),
    "certificates.answer_design": Row("issuer bureau_officer", lambda stage: {**the_design(stage), "granted": True}),
    "certificates.enter_prefix": Row(
        "bureau_officer",
        lambda stage: {
            "organisation_id": stage.at(OrganisationKind.ASSESSMENT_BODY).id, "prefix": "S000053000999", "document": "批复",
            "valid_from": date(2025, 1, 1),
        },
    ),
    "certificates.end_prefix": Row("bureau_officer", lambda stage: {"prefix_id": prefix(stage).id, "valid_to": date(2026, 1, 1)}),
    "certificates.issue_completions": Row("issuer", lambda stage: {"cohort_id": stage.cohort.id}),
    "certificates.issue_skill_certificates": Row("issuer", lambda stage: {"batch_id": batch(stage).id}),
    "certificates.print_again": Row("issuer", lambda stage: {"job_id": certificate(stage).job_id}),
    "certificates.keep_prints": Row("inside", lambda stage: {"payload": [], "computed": []}),
    "certificates.suspend": Row("issuer bureau_officer", step(Reason.UNDER_REVIEW)),
    "certificates.reinstate": Row("issuer bureau_officer", step(Reason.CLEARED)),
    "certificates.revoke": Row("issuer bureau_officer", step(Reason.FRAUD)),
    "certificates.replace": Row("issuer", step(Reason.DAMAGED)),
    "certificates.renew": Row("issuer", step(Reason.RENEWED)),
    "certificates.revoke_together": Row("issuer bureau_officer", together),
    "certificates.undo_revocation": Row(
        "issuer bureau_officer", lambda stage: {**the_revocation(stage), "certificate_ids": [certificate(stage).id], "detail": "误撤"}
    ),
    "certificates.finish_revocation": Row("console", the_revocation),
    "certificates.build_status_list": Row("console", lambda stage: {"number": certificate(stage).status_list}),
    "certificates.open_own_page": Row("public", lambda _stage: {"phone": "13812345678", "last_four": "0017", "code": "12345678"}),
    "certificates.share": Row(
        "", lambda stage: {"certificate_ids": [certificate(stage).id], "days": 7, "secret": "SECRET"}, also=holders
    ),
    "certificates.withdraw_share": Row("", the_share, also=holders),
    "certificates.export_badge": Row("", lambda stage: {"certificate_id": certificate(stage).id}, also=holders),
    "certificates.view_share": Row("public", lambda stage: {"secret": the_share(stage) and "SECRET"}),
    "certificates.close_status_lists": Row("console", lambda stage: certificate(stage) and {}),
}  # fmt: skip


def printed(stage):
    """Give the certificate with its file."""
    found = certificate(stage)
    stage.once("printed", lambda: jobs.run(found.job_id))
    return {"certificate_id": found.id}


def bundle(ending):
    """Make the arguments of a cohort's certificates in one file."""
    return lambda stage: {
        "cohort_id": load(Certificate, printed(stage)["certificate_id"]).cohort_id, "type_name": "skill_level", "ending": ending,
    }  # fmt: skip


def the_batch(stage):
    return {"batch_id": batch(stage).id}


def the_cohort(stage):
    return {"cohort_id": stage.cohort.id}


def the_key(stage):
    return {"key_id": key(stage).id}


def the_job(stage):
    return {"job_id": certificate(stage).job_id}


LOOKS = "bureau_officer service_centre auditor issuer provider_clerk assessment_clerk"
EVERY_LOOKER = " ".join(f"{role}*" for role in LOOKS.split())
#: The scene's own school teaches; here stands the assessment body alone.
OF_THE_BODY = "bureau_officer service_centre auditor issuer assessment_clerk"
ROUTES = {
    "GET /log/": Row("public"),
    "POST /log/": Row("public"),
    "GET /my": Row("public"),
    "POST /my": Row("public"),
    "GET /my/results": Row("public signed_in"),
    "POST /my/results/<int:candidate_id>/appeal": Row("public signed_in", lambda stage: {"candidate_id": 1}),
    "GET /certificates/query": Row("bureau_officer* auditor* assessment_clerk* issuer*"),
    "GET /certificates/query/<int:batch_id>": Row(f"{REPORTS} bureau_officer auditor", reported_batch),
    "POST /certificates/query/<int:batch_id>": Row(REPORTS, reported_batch),
    "POST /certificates/query/files/<int:report_id>/download": Row(REPORTS, reporting),
    "POST /certificates/query/files/<int:report_id>/answer": Row(REPORTS, reporting),
    "GET /certificates/query/answers/<int:staged_id>": Row(REPORTS, answer),
    "POST /certificates/query/answers/<int:staged_id>/take": Row(REPORTS, answer),
    "POST /certificates/query/answers/<int:staged_id>/discard": Row(REPORTS, answer),
    "GET /my/certificates": Row("public"),
    "GET /my/certificates/<int:certificate_id>.pdf": Row("public", printed),
    "POST /my/certificates/<int:certificate_id>/badge": Row("public", lambda _stage: {"certificate_id": 1}),
    "POST /my/shares": Row("public"),
    "POST /my/shares/<int:share_id>/withdraw": Row("public", the_share),
    "POST /my/notifications": Row("public"),
    "POST /my/leave": Row("public"),
    "GET /<any(S, s):case>/<secret>": Row("public", lambda stage: {"case": "s", "secret": the_share(stage) and "SECRET"}),
    "GET /verify": Row("public"),
    "POST /verify": Row("public"),
    "GET /verify/bulk": Row("public"),
    "POST /verify/bulk": Row("public"),
    "GET /certificates/keys": Row("admin* bureau_officer* auditor* issuer*"),
    "POST /certificates/keys/<int:key_id>/retirement": Row("admin* bureau_officer*", the_key),
    "POST /certificates/keys/<int:key_id>/<any(grant, drop):answer>": Row(
        "admin* bureau_officer*", lambda stage: {**the_key(stage), "answer": "drop"}
    ),
    "GET /keys/<any('trust-list', 'root.pem', 'pdf-roots.pem'):name>": Row("public", lambda _stage: {"name": "trust-list"}),
    "GET /scan/": Row("public"),
    "POST /scan/": Row("public"),
    "GET /scan/worker.js": Row("public"),
    "GET /scan/names.json": Row("public"),
    "GET /scan/manifest.webmanifest": Row("public"),
    "GET /certificates/": Row(EVERY_LOOKER),
    "GET /certificates/<int:certificate_id>": Row(OF_THE_BODY, printed),
    "GET /certificates/<int:certificate_id>/pdf": Row(OF_THE_BODY, printed),
    "GET /certificates/<int:certificate_id>/proof": Row(OF_THE_BODY, printed),
    "GET /certificates/<int:certificate_id>/<any(suspend, reinstate, revoke):step>": Row(
        "issuer bureau_officer", lambda stage: {**printed(stage), "step": "revoke"}
    ),
    "POST /certificates/<int:certificate_id>/<any(suspend, reinstate, revoke):step>": Row(
        "issuer bureau_officer", lambda stage: {**printed(stage), "step": "revoke"}
    ),
    "GET /certificates/<int:certificate_id>/<any(replace, renew):step>": Row(
        "issuer", lambda stage: {**printed(stage), "step": "renew"}
    ),
    "POST /certificates/<int:certificate_id>/<any(replace, renew):step>": Row(
        "issuer", lambda stage: {**printed(stage), "step": "renew"}
    ),
    "GET /certificates/expiring": Row(EVERY_LOOKER),
    "GET /certificates/revocations": Row("issuer* bureau_officer*"),
    "POST /certificates/revocations": Row("issuer* bureau_officer*"),
    "GET /certificates/revocations/new": Row("issuer* bureau_officer*"),
    "POST /certificates/revocations/new": Row("issuer* bureau_officer*"),
    "GET /certificates/revocations/<int:revocation_id>": Row("issuer bureau_officer", the_revocation),
    "POST /certificates/revocations/<int:revocation_id>/undo": Row("issuer bureau_officer", the_revocation),
    "GET /certificates/revocations/<int:revocation_id>/paper": Row("issuer bureau_officer", the_revocation),
    "GET /certificates/cohorts/<int:cohort_id>/<type_name>.<any(pdf, zip):ending>": Row(
        OF_THE_BODY, bundle("pdf")
    ),
    "GET /certificates/issue": Row("issuer*"),
    "GET /certificates/issue/cohorts/<int:cohort_id>": Row("issuer", the_cohort),
    "POST /certificates/issue/cohorts/<int:cohort_id>": Row("issuer", the_cohort),
    "GET /certificates/issue/batches/<int:batch_id>": Row("issuer", the_batch),
    "POST /certificates/issue/batches/<int:batch_id>": Row("issuer", the_batch),
    "GET /certificates/printing/<int:job_id>": Row("issuer", the_job),
    "POST /certificates/printing/<int:job_id>/again": Row("issuer", the_job),
    "GET /certificates/designs": Row("issuer* bureau_officer*"),
    "POST /certificates/designs": Row("issuer* bureau_officer*"),
    "GET /certificates/designs/<int:design_id>": Row("issuer bureau_officer", the_design),
    "POST /certificates/designs/<int:design_id>": Row("issuer", the_design),
    "POST /certificates/designs/<int:design_id>/ask": Row("issuer", the_design),
    "POST /certificates/designs/<int:design_id>/<any(grant, drop):answer>": Row(
        "issuer bureau_officer", lambda stage: {**the_design(stage), "answer": "drop"}
    ),
    "GET /certificates/designs/<int:design_id>/<int:sample>.<any(pdf, png):ending>": Row(
        "issuer bureau_officer", lambda stage: {**the_design(stage), "sample": 0, "ending": "png"}
    ),
    "GET /certificates/prefixes": Row("bureau_officer*"),
    "POST /certificates/prefixes": Row("bureau_officer*"),
    "POST /certificates/prefixes/<int:prefix_id>/end": Row("bureau_officer", lambda stage: {"prefix_id": prefix(stage).id}),
}  # fmt: skip
