"""Every hook a plugin may implement.

Four kinds. *Registration* hooks are called once at start and give frozen dataclasses with a unique name. *Check* hooks
give findings for a list, never one call a row. *Consequence* hooks run inside the transaction: a failure rolls it
back. *Event* hooks run outside every writing transaction: a failure is logged under the plugin's name and stops
nothing. A hook about a brand's object reaches only the plugins that are on for that brand.

docs/hooks.md has an example of each, which runs as a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lbcert.certificates.models import Certificate
    from lbcert.certificates.operations.issuing import Draft, Series
    from lbcert.cohorts.models import Cohort, CohortState
    from lbcert.core.access import Actor
    from lbcert.core.findings import Finding
    from lbcert.core.reference import SkillLevel
    from lbcert.core.registrations import CertificateType, Line, PagePart, PublicCertificate, SessionPattern
    from lbcert.core.room import Room
    from lbcert.core.todo import Todo
    from lbcert.demo.cast import Cast
    from lbcert.exams.models import Batch, Result
    from lbcert.parties.models import Person, QualificationKind

hookspec = pluggy.HookspecMarker("lbcert")
hookimpl = pluggy.HookimplMarker("lbcert")


@hookspec
def lbcert_certificate_types() -> Sequence[CertificateType]:  # type: ignore[empty-body]  # a specification
    """Registration: types of certificate (证书种类) that the plugin issues.

    Called once at start; the core registers 培训合格证书 and 职业技能等级证书 through it. Return frozen dataclasses whose
    ``folder`` holds the schema and the design. Two that share a ``name``, or a ``kind`` (their number in the QR), stop
    the start, and both sources are named. A type stays registered for all brands: certificates outlive a setting.
    """


@hookspec
def lbcert_order_cancelled(order_id: int, line_ids: Sequence[int]) -> Sequence[Finding]:  # type: ignore[empty-body]  # a specification
    """Consequence: an order (订单) was cancelled.

    Called inside the transaction of ``demand.cancel_order``, once the order's state is written, with the ids of its
    lines. Free what was reserved for them; cohorts stand. Return one note for each thing set free; the canceller
    reads them. Reaches the plugins that are on for a brand that chose one of the order's training items.
    """


@hookspec
def lbcert_seat_given_up(seat_id: int) -> None:
    """Consequence: the employer or the learner stepped back from a targeted seat (定向名额) while the course stands.

    Called inside the transaction of ``demand.employer_steps_back`` and ``demand.learner_steps_back``, once the seat is
    withdrawn. Free what the person held by it. Reaches the plugins that are on for a brand that chose the training item.
    """


@hookspec
def lbcert_rooms() -> Sequence[Room]:  # type: ignore[empty-body]  # a specification
    """Registration: pages of the plugin.

    Called once at start, after the core's rooms. Return rooms whose names bear the plugin's prefix; each route names
    its gate. A name used twice stops the start and names both plugins.
    """


@hookspec
def lbcert_session_patterns() -> Sequence[SessionPattern]:  # type: ignore[empty-body]  # a specification
    """Registration: patterns (班型) in which a cohort may be taught.

    Called once at start; the core registers 周末班, 夜间班, 脱产班 and 夜学日训班 through it. Return frozen dataclasses; a school
    chooses one or several for a cohort, of any brand. A name used twice stops the start and names both sources.
    """


@hookspec
def lbcert_migrations() -> Sequence[Line]:  # type: ignore[empty-body]  # a specification
    """Registration: the plugin's own line of schema versions.

    Called once at start. Return one ``Line`` for the plugin's tables, which all bear its ``prefix`` (``"winter_"``);
    ``lbcert db upgrade`` migrates the core first and then each line, with a version table of its own, so the core
    migrates with the plugin gone. A name or prefix used twice stops the start and names both plugins.
    """


@hookspec
def lbcert_public_parts(certificate: PublicCertificate) -> Sequence[PagePart]:  # type: ignore[empty-body]  # a specification
    """Event: somebody opened the public page of a certificate (/V/…, or its number checked by hand).

    Called for each view, in English or Chinese, for HTML and JSON alike. Return the sections that the plugin adds behind
    the printed fields, or nothing; what they say is for everybody, so it names nobody. Read in few statements: a fair
    scans hundreds. What you raise is logged under the plugin's name, and the page is shown without you. Reaches the
    plugins that are on for the certificate's brand.
    """


@hookspec
def lbcert_check_cohort_step(cohort: Cohort, to: CohortState) -> Sequence[Finding]:  # type: ignore[empty-body]  # a specification
    """Check: whether a cohort may go on to state ``to``.

    Called when a cohort is about to be filed, approved, opened (running), said to be taught, or closed, and by the
    page that shows beforehand what stands in the way. Later rooms answer here for what they still owe: placement refuses
    to close a 三段式 cohort while a learner has no outcome. Read what you need of the whole cohort in few statements; return
    findings, or nothing. One that stops keeps the cohort where it is, and is shown with all others.
    """


@hookspec
def lbcert_check_qualification(  # type: ignore[empty-body]  # a specification
    kind: QualificationKind, number: str, level: SkillLevel | None, issued_on: date
) -> Sequence[Finding]:
    """Check: the number of a certificate that was issued elsewhere (外部证书).

    Called by ``parties.record_qualification`` before it keeps what a person brings along; ``number`` is without blanks, in
    upper case. Return findings, or nothing. The core answers for 职业技能等级证书 after the state's rules.
    """


@hookspec
def lbcert_check_staff(batch: Batch, person: Person) -> Sequence[Finding]:  # type: ignore[empty-body]  # a specification
    """Check: somebody is to examine, invigilate, supervise or decide in a batch (考务人员).

    Called by ``exams.appoint`` and ``exams.declare``, and once more for each of the staff when the marking begins and when
    the results are decided. Return findings for what ties him to the school or the candidates, or nothing. One that stops keeps
    him out of the batch; he cannot declare that there is nothing. Reaches the plugins that are on for the cohort's brand.
    """


@hookspec
def lbcert_result_changed(result: Result) -> None:
    """Consequence: a decided exam result (认定结果) was amended.

    Called inside the transaction of ``exams.answer_amendment``, once the new ``result`` is written; ``result.replaces``
    is the old one, which stays. Do to what rests on the old result what its fall asks for: a certificate is suspended at
    once. What you raise undoes the amendment. Return nothing.
    """


@hookspec
def lbcert_certificate_changed(certificate: Certificate) -> None:
    """Consequence: an issued certificate was suspended, revoked or reinstated, or another was issued in its place.

    Called inside the transaction of whatever changed it, once its ``status`` is written; a ``successor`` is there then.
    Do to what rests on it what its standing asks for: the stars of a holder whose skill certificate falls are suspended
    with it. What you raise undoes the change. Return nothing. Reaches the plugins that are on for the certificate's brand.
    """


@hookspec(firstresult=True)
def lbcert_draft_again(certificate: Certificate) -> tuple[Draft, Series] | None:
    """Consequence: a certificate on an award (授予) is to be issued anew (换发).

    Called inside the transaction of ``certificates.replace``, with the old certificate locked. Return the draft as it is
    true today, on the same ground, and the series of its number; None where the award is no business of yours. Raise
    ``Refused`` where the award does not stand any more. Nobody's answer is a refusal of the replacement. Reaches the
    plugins that are on for the certificate's brand.
    """


@hookspec
def lbcert_todo(actor: Actor) -> Sequence[Todo]:  # type: ignore[empty-body]  # a specification
    """Event: an account opened its first page.

    Called for each view. Return what waits for this account in the plugin's rooms, each with the page where it is done, or
    nothing; read it in few statements. What you raise is logged under the plugin's name, and the page is shown without
    you. Reaches every installed plugin: keep to brands that have it on.
    """


@hookspec
def lbcert_demo(cast: Cast, today: date) -> None:
    """Consequence: the demo (演示数据) is being built, and the core's stories have been told up to ``today``.

    Called once by ``lbcert demo``, outside any transaction; ``cast`` knows the accounts, brands, cohorts and bodies by the
    builder's names. Tell what shows the plugin, through its operations and in seconds. What you raise stops the build.
    Return nothing. Reaches every installed plugin.
    """
