"""The rules of the declaration (回避声明): its words by edition, what a whole answer is, and what contradicts one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity.id_number import parse_id_number
from lbcert.core.policy import Ruling
from lbcert.core.words import Message, say, some
from lbcert.exams.models import SEPARATION, Ground

#: Counts up whenever a word of what is signed changes; each declaration keeps the words that were answered.
EDITION = 1
PROMISE = say("我已知悉考培分离、评培分离和回避的规定，就本批次逐项如实声明如下；如有不实，愿意承担责任。")
QUESTIONS: Mapping[Ground, Message] = {
    Ground.KIN: say("本批次考生中有我的近亲属（配偶、直系血亲、三代以内旁系血亲和近姻亲）"),
    Ground.EMPLOYER: say("我受聘于本班的培训机构，或与考生同在一个用人单位"),
    Ground.MONEY: say("我与本班的培训机构、考生或其用人单位有投资、借贷、分成、报酬等经济利益关系"),
    Ground.TRAINING: say("我培训、辅导过本批次的考生，包括线上、私下和考前辅导"),
}
_MOST_NAMED = 10


def text_of_edition() -> str:
    """Give the words that are signed, as they are kept with the answers."""
    return "\n".join([str(PROMISE), *(f"{place}. {QUESTIONS[ground]}" for place, ground in enumerate(Ground, start=1))])


@dataclass(frozen=True)
class Answers:
    """What somebody answers: a ground without words is a "no"; kin are named from the cohort's list, or by ID number."""

    kin: str = ""
    employer: str = ""
    money: str = ""
    training: str = ""
    #: Enrolments chosen from the list.
    learners: tuple[int, ...] = ()
    #: ID numbers, typed; under a name that the audit log conceals.
    id_number: tuple[str, ...] = ()

    def details(self, ground: Ground) -> str:
        """Give what was said on a ground, nothing for a "no"."""
        words: str = getattr(self, ground.value)
        return words.strip()


def whole(answers: Answers, today: date) -> list[Finding]:
    """Find kin without their names, names without the kinship, and ID numbers that are none."""
    findings = []
    named = bool(answers.learners or answers.id_number)
    if answers.details(Ground.KIN) and not named:
        message = say("您声明考生中有近亲属，请在名单中勾选，或填写其身份证号")
        findings.append(refuse("exams.kin_unnamed", message, SEPARATION))
    if named and not answers.details(Ground.KIN):
        findings.append(
            refuse("exams.kin_unexplained", say("您指明了近亲属，请把这一项答为“有”并写明关系"), SEPARATION)
        )
    read = [parse_id_number(number, today) for number in answers.id_number]
    return findings + [wrong for wrong in read if isinstance(wrong, Finding)]


@dataclass(frozen=True)
class Tie:
    """What the system itself knows for which somebody stands aside: the ground, in words, and where it is on file ("kind:id")."""

    ground: Ground
    fact: Message
    subject: str
    #: Of a tie that a policy bounds in time; None of any other.
    months: Ruling | None = None


def tied(who: str, ties: Iterable[Tie]) -> list[Finding]:
    """Find what keeps somebody out of a batch whatever he declares; one finding a fact."""
    return [
        refuse(
            f"exams.tied_by_{tie.ground}",
            say("{who} 须回避（{ground}）：{fact}；请另选一人", who=who, ground=tie.ground.label, fact=tie.fact),
            tie.months.source if tie.months else SEPARATION,
            tie.subject,
        )
        for tie in ties
    ]


def contradicted(answers: Answers, ties: Iterable[Tie]) -> list[Finding]:
    """Find answers "no" against which something is on file."""
    return [
        refuse(
            "exams.declaration_contradicted",
            say(
                "您在“{ground}”一项答了“没有”，但系统登记：{fact}。请据实声明；登记有误的，请先更正登记",
                ground=tie.ground.label, fact=tie.fact,
            ),
            SEPARATION,
            tie.subject,
        )
        for tie in ties
        if not answers.details(tie.ground)
    ]  # fmt: skip


def barred(who: str, grounds: Mapping[Ground, str]) -> list[Finding]:
    """Find somebody whose own declaration keeps him out of the batch."""
    return [
        refuse(
            "exams.declared_interest",
            say(
                "{who} 声明了须回避的情形（{ground}：{details}），请移除其任命，另任一人",
                who=who, ground=ground.label, details=details,
            ),
            SEPARATION,
        )
        for ground, details in grounds.items()
    ]  # fmt: skip


def kept_from(who: str, relatives: Sequence[str]) -> list[Finding]:
    """Warn that others must mark an examiner's relatives, by name; for the exam office."""
    if not relatives:
        return []
    message = say(
        "考评员 {who} 声明是 {names} 的近亲属，这些考生由其他考评员评分", who=who, names=some(relatives, _MOST_NAMED)
    )
    return [Finding("exams.kin_marked_by_others", Level.WARN, message, SEPARATION)]


def signs_for_kin(who: str, relatives: Sequence[str]) -> list[Finding]:
    """Find the rows of a sheet that its signer may not mark."""
    if not relatives:
        return []
    message = say(
        "{who} 声明是 {names} 的近亲属，不能为其评分；请把这些考生从表中删去，由另一名考评员另行评分签名",
        who=who, names=some(relatives, _MOST_NAMED),
    )  # fmt: skip
    return [refuse("exams.scorer_is_kin", message, SEPARATION)]
