"""An exam's way: planned by a body that taught nobody, marked, decided by a second person, published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from lbcert.cohorts.models import Cohort
from lbcert.core.database import load
from lbcert.core.sheets import Table, write_workbook
from lbcert.demo.cast import Cast, at, ids, moment
from lbcert.demo.papers import signed_paper
from lbcert.demo.rubrics import shared_out
from lbcert.dossiers.operations import bring_paper, close_dossier
from lbcert.dossiers.rules import SignedPaper
from lbcert.exams.models import Batch, ChangeKind, IncidentKind, Outcome, Part, Post, Seen
from lbcert.exams.operations import (
    add_candidates,
    add_sitting,
    answer_roster_change,
    appoint,
    assign_invigilator,
    begin_marking,
    check_identity,
    decide_batch,
    declare,
    draw_seats,
    plan_batch,
    post_notice,
    publish_batch,
    record_incident,
    record_mark,
    request_roster_change,
    set_paper_forms,
    stage_transcription,
    take_over_transcription,
)
from lbcert.exams.queries.marks import schemes_of, sheets_of
from lbcert.exams.queries.results import results_by_name
from lbcert.exams.queries.rooms import sitting_part
from lbcert.exams.scoring import Item
from lbcert.exams.sheets import columns, item_key
from lbcert.exams.theory.operations import draw_papers
from lbcert.parties.models import Person
from lbcert.teaching.queries import learners_in, tests_of

_STAFF = {
    "examiner": Post.LEADER,
    "examiner2": Post.EXAMINER,
    "examiner3": Post.EXAMINER,
    "supervisor": Post.SUPERVISOR,
    "result": Post.DECIDER,
}
#: By how much the second examiner differs where a third has to decide.
_FAR = 12
#: Theory and practice by ID number; None is 缺考.
Marks = Mapping[str, tuple[int | None, int | None]]


#: Who of those that came is doubted at the seat.
_DOUBTED = 5
#: Seats of a room and stations of a workshop.
_SEATS = 40


def prepare(
    cast: Cast, body: str, cohort_id: int, *, days_later: int = 3, officer: str = "", blueprint: int = 0
) -> int:
    """Plan the batch, list who passed the school's test before the list is frozen, draw the seats, and begin on the day.

    Each of the staff declares. An ``officer`` is asked for a late change of the list, and declines it. By a ``blueprint`` the papers
    of the theory are drawn, to be sat by computer.
    """
    cohort = load(Cohort, cohort_id)
    held_on, site = cohort.ends_on + timedelta(days=days_later), f"{cohort.site}考点"
    office = f"{body}-exam"
    with at(cohort.ends_on + timedelta(days=1)):
        batch_id = plan_batch(cast.account(office), cohort_id, cast.bodies[f"{body}-assessment"], held_on, site).id
        invigilators = _staff(cast, body, batch_id)
        passed = {key for key, taken in tests_of(cohort_id).items() if taken.passed}
        add_candidates(cast.account(office), batch_id, [key for key in ids(learners_in(cohort_id)) if key in passed])
    with at(held_on - timedelta(days=1), 15):
        _seat(cast, office, batch_id, held_on, invigilators)
        if blueprint:
            draw_papers(cast.account(office), batch_id, blueprint)
    if officer:
        _ask_late(cast, office, officer, batch_id)
    with at(held_on, 8):
        begin_marking(cast.account(office), batch_id)
    return batch_id


def _ask_late(cast: Cast, office: str, officer: str, batch_id: int) -> None:
    """Have the office ask that somebody be taken off the frozen list, and the bureau decline, since she can come after all."""
    batch = load(Batch, batch_id)
    learner = batch.candidates[0].enrolment_id
    held_on = batch.held_on
    with at(held_on - timedelta(days=1), 16):
        reason = "本人来电说家中有事，可能不能到考（演示）"
        asked = request_roster_change(cast.account(office), batch_id, learner, ChangeKind.REMOVE, reason).id
    with at(held_on - timedelta(days=1), 17):
        answer = "电话核实，本人能按时到考，名单不变（演示）"
        answer_roster_change(cast.account(officer), asked, granted=False, answer=answer)


def resit(cast: Cast, body: str, cohort_id: int, first_id: int, held_on: date) -> int:
    """Let those who failed one part sit it again on another form of the paper, what they passed being carried; give the batch.

    Two days later their results are decided and put up for notice.
    """
    cohort, office = load(Cohort, cohort_id), f"{body}-exam"
    failed = {one.candidate.enrolment_id for one in results_by_name(first_id) if one.outcome is Outcome.FAILED}
    with at(held_on - timedelta(days=3)):
        batch_id = plan_batch(
            cast.account(office), cohort_id, cast.bodies[f"{body}-assessment"], held_on, f"{cohort.site}考点"
        ).id
        invigilators = _staff(cast, body, batch_id)
        add_candidates(cast.account(office), batch_id, sorted(failed))
        set_paper_forms(cast.account(office), batch_id, {Part.THEORY: "B 卷", Part.PRACTICE: "第 2 套"})
        _seat(cast, office, batch_id, held_on, invigilators)
    with at(held_on):
        begin_marking(cast.account(office), batch_id)
        for sheet in sheets_of(batch_id).values():
            for part in (one for one in (Part.THEORY, Part.PRACTICE) if one not in sheet.carried):
                for examiner in ("examiner", "examiner2")[: sheet.schemes[part].markers]:
                    record_mark(cast.account(f"{body}-{examiner}"), batch_id, sheet.number, part, 72)
    with at(held_on + timedelta(days=2)):
        decide_batch(cast.account(f"{body}-result"), batch_id)
        post_notice(cast.account(f"{body}-result"), batch_id)
    return batch_id


def _staff(cast: Cast, body: str, batch_id: int) -> list[int]:
    """Appoint the staff of a batch, and have each declare; give the appointments of its invigilators."""
    watching = [end for user in cast.persons if (end := user.removeprefix(f"{body}-")).startswith("invigilator")]
    made = {}
    for end, post in {**_STAFF, **dict.fromkeys(watching, Post.INVIGILATOR)}.items():
        user = f"{body}-{end}"
        made[end] = appoint(cast.account(f"{body}-exam"), batch_id, cast.persons[user], post).id
        declare(cast.account(user), made[end])
    return [made[end] for end in watching]


def _seat(cast: Cast, office: str, batch_id: int, day: date, invigilators: Sequence[int]) -> None:
    """Write the theory in rooms side by side and the practice in one workshop, group after group; each room has two invigilators."""
    people = {part: len(those) for part, those in sitting_part(load(Batch, batch_id)).items() if those}
    for part, count in people.items():
        for number in range(-(-count // _SEATS)):
            is_theory = part is Part.THEORY
            begins = moment(day, 9) if is_theory else moment(day, 13) + number * timedelta(minutes=150)
            room = f"第 {number + 1} 考场" if is_theory else "实操车间"
            ends = begins + timedelta(minutes=90 if is_theory else 120)
            sitting = add_sitting(cast.account(office), batch_id, part, room, _SEATS, begins, ends).id
            place = 2 * number if is_theory else 0
            for staff_id in invigilators[place : place + 2]:
                assign_invigilator(cast.account(office), sitting, staff_id)
    for part in people:
        draw_seats(cast.account(office), batch_id, part)


def watch(cast: Cast, body: str, batch_id: int, marks: Marks) -> None:
    """Look at everybody who came; one is doubted and known on a second look. Then a noise outside disturbs the theory."""
    batch = load(Batch, batch_id)
    day, first, second = batch.held_on, f"{body}-invigilator1", f"{body}-invigilator2"
    came = [one.id for one in batch.candidates if marks[one.enrolment.person.id_number] != (None, None)]
    doubted, rest = came[_DOUBTED], [*came[:_DOUBTED], *came[_DOUBTED + 1 :]]
    with at(day, 8, 30):
        for candidate_id in rest:
            check_identity(cast.account(first), candidate_id, Seen.MATCH)
        check_identity(cast.account(first), doubted, Seen.DOUBT, "与身份证照片不太像，请另一名监考员再看（演示）")
    with at(day, 8, 45):
        check_identity(cast.account(second), doubted, Seen.MATCH, "本人理了短发，户口簿和同班学员都能证明（演示）")
        what = "一名考生与身份证照片不太像（演示）"
        done = "两名监考员先后核验，看了户口簿，问了同班学员，确认是本人，准予入场"
        record_incident(
            cast.account(first), batch_id, IncidentKind.IDENTITY, moment(day, 8, 40), what, done, "第 1 考场", doubted
        )
    with at(day, 9, 30):
        what = "考点外道路施工，破碎锤响了约六分钟（演示）"
        done = "考点负责人联系施工方停工到考试结束，关窗后继续，没有考生要求补时"
        record_incident(
            cast.account(second), batch_id, IncidentKind.DISTURBANCE, moment(day, 9, 20), what, done, "第 1 考场"
        )


def mark_by_sheet(cast: Cast, body: str, cohort_id: int, batch_id: int, marks: Marks) -> None:
    """Take over the county's sheet, which the leading examiner signed, with the points of each item where the body has a rubric.

    Where two mark the practice, the second examiner's sheet comes too: he gives a point less, and one person so much less
    that a third has to decide. Theory by computer has its marks already.
    """
    by_computer = schemes_of(batch_id)[Part.THEORY].by_computer
    people = [learner.person for learner in learners_in(cohort_id) if learner.person.id_number in marks]
    scheme = schemes_of(batch_id)[Part.PRACTICE]
    row = partial(_row, scheme.items)
    rows = [
        row(person, "" if by_computer else theory, practice)
        for person in people
        for theory, practice in [marks[person.id_number]]
    ]
    _take_over(cast, f"{body}-examiner", body, batch_id, rows)
    if not scheme.is_blind:
        return
    practice = {person: marks[person.id_number][1] for person in people}
    argued = next(person for person, points in practice.items() if points)
    second = {
        person: points and max(0, points - (_FAR if person is argued else 1)) for person, points in practice.items()
    }
    _take_over(
        cast, f"{body}-examiner2", body, batch_id, [row(person, "", points) for person, points in second.items()]
    )
    _take_over(cast, f"{body}-examiner3", body, batch_id, [row(argued, "", practice[argued])])


def _take_over(cast: Cast, examiner: str, body: str, batch_id: int, rows: list[dict[str, Any]]) -> None:
    sheet = write_workbook(Table("成绩", columns(schemes_of(batch_id)), rows))
    staged = stage_transcription(
        cast.account(f"{body}-exam"), batch_id, cast.persons[examiner], sheet, "成绩表.xlsx",
        signed_paper("考评员签名的成绩单"), "成绩单.pdf", "application/pdf",
    )  # fmt: skip
    take_over_transcription(cast.account(f"{body}-exam"), staged.id)


def decide_and_publish(cast: Cast, body: str, batch_id: int) -> None:
    """Decide the results as the appointed decider, let them hang for the days of the policy, and publish them."""
    officer = f"{body}-result"
    if decide_batch(cast.account(officer), batch_id).notice_days:
        ends_on = post_notice(cast.account(officer), batch_id).ends_on
        with at(ends_on + timedelta(days=1)):
            publish_batch(cast.account(officer), batch_id)
    else:
        publish_batch(cast.account(officer), batch_id)


def close_file(cast: Cast, body: str, batch_id: int) -> None:
    """Bring the papers that were signed by hand, and close the batch's file."""
    office = cast.account(f"{body}-exam")
    for paper in (SignedPaper.SIGN_IN, SignedPaper.ROOM_RECORD, SignedPaper.SUMMARY):
        bring_paper(office, batch_id, paper, signed_paper(str(paper.label)), f"{paper.label}.pdf")
    close_dossier(office, batch_id)


def _row(items: Sequence[Item], person: Person, theory: int | str | None, practice: int | None) -> dict[str, Any]:
    shared = enumerate(shared_out(items, practice) if practice is not None else ())
    return {item_key(Part.PRACTICE, place): points for place, points in shared} | {
        "name": person.name,
        "id_number": person.id_number,
        Part.THEORY: "缺考" if theory is None else theory,
        Part.PRACTICE: "缺考" if practice is None else practice,
    }


def spread(numbers: Sequence[str], dice: Any, *, passing: int, absent: int) -> dict[str, tuple[int | None, int | None]]:
    """Give marks so that exactly ``passing`` people reach 60 in both parts and ``absent`` never came."""
    shuffled = dice.sample(list(numbers), len(numbers))
    marks: dict[str, tuple[int | None, int | None]] = {}
    for place, number in enumerate(shuffled):
        high, other = dice.randrange(60, 99), dice.randrange(60, 99)
        if place < passing:
            marks[number] = (high, other)
        elif place < len(shuffled) - absent:
            low = dice.randrange(38, 60)
            marks[number] = (low, other) if dice.random() < 0.6 else (high, low)  # noqa: PLR2004 (theory is failed more often)
        else:
            marks[number] = (None, None)
    return marks


def right_of_ten(marks: Marks) -> dict[str, int]:
    """Give how many of ten questions each has right to pass or fail as his points of 100 do; who was absent is left out."""
    taken = {number: theory for number, (theory, _practice) in marks.items() if theory is not None}
    return {number: max(6, points // 10) if points >= 60 else min(5, points // 10) for number, points in taken.items()}  # noqa: PLR2004 (the pass mark)
