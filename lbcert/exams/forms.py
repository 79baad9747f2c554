"""The shapes of the room's forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FieldList,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core.identity.masks import mask_name
from lbcert.core.pages import choices, in_words
from lbcert.exams.declaring import QUESTIONS, Answers
from lbcert.exams.models import (
    MOST_ITEMS,
    Absence,
    AppealKind,
    BatchStaff,
    Candidate,
    CardGrade,
    Effect,
    IncidentKind,
    Part,
    Post,
)
from lbcert.parties.models import Organisation, Person

_POINTS = NumberRange(0, 100, _l("分数应在 0 至 100 之间"))


class PlanForm(FlaskForm):
    """A batch to be planned."""

    cohort_id = SelectField(_l("培训班"), [InputRequired(_l("请选择培训班"))], coerce=int)
    body_id = SelectField(
        _l("评价机构"),
        [InputRequired(_l("请选择评价机构"))],
        coerce=int,
        description=_l("不能是本班的培训机构或联合办学机构"),
    )
    held_on = DateField(_l("认定日期"), [InputRequired(_l("请填写认定日期"))])
    site = StringField(_l("考点"), [InputRequired(_l("请填写考点")), Length(max=120)])
    with_review = BooleanField(_l("有综合评审"), description=_l("技师、高级技师等按职业标准设综合评审"))

    def offer(self, cohorts: Iterable[Cohort], bodies: Iterable[Organisation]) -> None:
        """Set what may be chosen."""
        self.cohort_id.choices = [
            SelectChoice(value=one.id, label=f"{one.number} {one.name} · {one.ends_on}") for one in cohorts
        ]
        self.body_id.choices = [SelectChoice(value=one.id, label=one.name) for one in bodies]


def _or_nobody(people: Iterable[Person]) -> list[SelectChoice]:
    chosen = [SelectChoice(value=one.id, label=f"{one.name} {one.id_masked}") for one in people]
    return [SelectChoice(value=0, label=_l("——")), *chosen]


class AppointForm(FlaskForm):
    """Somebody to be appointed: chosen, or named by ID number when he works elsewhere."""

    post = SelectField(_l("岗位"), [InputRequired(_l("请选择岗位"))])
    person_id = SelectField(_l("人员"), [Optional()], coerce=int, description=_l("本机构有账号的人员"))
    id_number = StringField(
        _l("身份证号"), [Optional(), Length(max=30)], description=_l("外请人员不在上面的名单中时填写")
    )
    deputy = BooleanField(_l("替补"), description=_l("小机构人手不足时，另任一人替补组长、督导员或审定人"))

    def offer(self, people: Iterable[Person]) -> None:
        """Set what may be chosen."""
        self.post.choices = [SelectChoice(value=post.value, label=in_words(post.label)) for post in Post]
        self.person_id.choices = _or_nobody(people)


class CardForm(FlaskForm):
    """An examiner's card as its paper says; trades and levels stand beside the form."""

    person_id = SelectField(_l("持证人"), [Optional()], coerce=int, description=_l("本机构的考评员"))
    id_number = StringField(
        _l("身份证号"), [Optional(), Length(max=30)], description=_l("外请人员不在上面的名单中时填写")
    )
    number = StringField(_l("证卡编号"), [InputRequired(_l("请填写证卡编号")), Length(max=60)])
    grade = SelectField(_l("类别"), [InputRequired(_l("请选择类别"))])
    valid_from = DateField(_l("有效期自"), [InputRequired(_l("请填写有效期起始日期"))])
    valid_to = DateField(_l("有效期至"), [InputRequired(_l("请填写有效期截止日期"))])
    paper = FileField(_l("证卡"), [FileRequired(_l("请附上证卡"))], description=_l("扫描件或照片，JPG、PNG 或 PDF"))

    def offer(self, people: Iterable[Person]) -> None:
        """Set what may be chosen."""
        self.person_id.choices = _or_nobody(people)
        self.grade.choices = choices({grade.value: in_words(grade.label) for grade in CardGrade})


class DeclarationForm(FlaskForm):
    """The four questions of the declaration, none answered beforehand; a "yes" says what there is."""

    kin = RadioField(validators=[InputRequired(_l("请回答“有”或“没有”"))])
    kin_details = StringField(_l("是谁，什么关系"), [Length(max=500)])
    learners = SelectMultipleField(
        _l("在本班名单中勾选"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    id_number = TextAreaField(
        _l("或填写其身份证号"),
        [Length(max=400)],
        description=_l("名单中认不出时填写，一行一个；只用于比对，不保存号码本身"),
    )
    employer = RadioField(validators=[InputRequired(_l("请回答“有”或“没有”"))])
    employer_details = StringField(_l("哪个单位，什么关系"), [Length(max=500)])
    money = RadioField(validators=[InputRequired(_l("请回答“有”或“没有”"))])
    money_details = StringField(_l("与谁，什么利益"), [Length(max=500)])
    training = RadioField(validators=[InputRequired(_l("请回答“有”或“没有”"))])
    training_details = StringField(_l("何时，辅导过谁"), [Length(max=500)])

    def offer(self, learners: Iterable[Enrolment]) -> None:
        """Set the words of the questions, and of whom somebody may say that he is kin: masked, and without any number."""
        for place, (ground, question) in enumerate(QUESTIONS.items(), start=1):
            field = self[ground.value]
            field.label.text = f"{place}. {in_words(question)}"
            field.choices = choices({"no": _l("没有"), "yes": _l("有")})
        self.learners.choices = [
            SelectChoice(value=one.id, label=f"{mask_name(one.person.name)} {one.person.id_masked}") for one in learners
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the details of each "yes"."""
        good: bool = super().validate(extra_validators)
        for ground in QUESTIONS:
            details = self[f"{ground.value}_details"]
            if self[ground.value].data == "yes" and not (details.data or "").strip():
                details.errors = [gettext("答“有”的，请写明具体情况")]
                good = False
        return good

    def answers(self) -> Answers:
        """Give what was answered."""
        said = {
            ground.value: self[f"{ground.value}_details"].data or ""
            for ground in QUESTIONS
            if self[ground.value].data == "yes"
        }
        numbers = tuple((self.id_number.data or "").splitlines())
        return Answers(**said, learners=tuple(self.learners.data or ()), id_number=numbers)


class MarkForm(FlaskForm):
    """One mark: points, or the button of an absence; a change names what it changes and why."""

    part = HiddenField(validators=[AnyOf([part.value for part in Part])])
    points = IntegerField(_l("分数"), [Optional(), _POINTS])
    #: Of a part with a rubric, the points of each item.
    by_item = FieldList(IntegerField(validators=[Optional(), _POINTS]), max_entries=MOST_ITEMS)
    absence = HiddenField(default="", validators=[AnyOf(["", *(absence.value for absence in Absence)])])
    mark_id = IntegerField(validators=[Optional()])
    reason = StringField(_l("更改理由"), [Length(max=300)])
    back = HiddenField(default="", validators=[AnyOf(["", "list"])])


class TranscriptionForm(FlaskForm):
    """The county's sheet with the signed paper that it copies."""

    examiner_id = SelectField(_l("签名的考评员"), [InputRequired(_l("请选择签名的考评员"))], coerce=int)
    sheet = FileField(
        _l("成绩表"),
        [FileRequired(_l("请选择成绩表"))],
        description=_l(
            "五列：姓名、身份证号码、理论成绩、实操成绩、综合成绩，其后可有评分细则的各项得分；.xlsx、.xls 或 .csv"
        ),
    )
    paper = FileField(
        _l("签名的成绩单"), [FileRequired(_l("请附上签名的成绩单"))], description=_l("扫描件或照片，图片或 PDF")
    )

    def offer(self, examiners: Iterable[BatchStaff]) -> None:
        """Set what may be chosen."""
        self.examiner_id.choices = [SelectChoice(value=one.person_id, label=one.person.name) for one in examiners]


class OwnSheetForm(FlaskForm):
    """An examiner's own sheet of marks."""

    file = FileField(
        _l("评分表"), [FileRequired(_l("请选择评分表"))], description=_l("考生号和分数，不写姓名；.xlsx、.xls 或 .csv")
    )


class AmendmentForm(FlaskForm):
    """What a result should be; an empty part is 缺考."""

    theory = IntegerField(_l("理论知识"), [Optional(), _POINTS], description=_l("留空表示缺考"))
    practice = IntegerField(_l("操作技能"), [Optional(), _POINTS], description=_l("留空表示缺考"))
    review = IntegerField(_l("综合评审"), [Optional(), _POINTS], description=_l("留空表示缺考"))
    void = BooleanField(_l("成绩无效"), description=_l("查实作弊、替考等，整个结果作废"))
    reason = TextAreaField(_l("更改理由"), [InputRequired(_l("请写明更改理由")), Length(max=300)])
    evidence = FileField(
        _l("依据"), [FileRequired(_l("请附上依据"))], description=_l("复核记录、更正后的成绩单等，图片或 PDF")
    )


class AppealForm(FlaskForm):
    """A case as the candidate files it himself."""

    kind = SelectField(_l("种类"), [InputRequired(_l("请选择种类"))])
    part = SelectField(_l("科目"), [Optional()])
    reason = TextAreaField(_l("理由"), [InputRequired(_l("请写明理由")), Length(max=1000)])

    def offer(self, parts: Iterable[Part]) -> None:
        """Set what may be chosen."""
        self.kind.choices = [SelectChoice(value=one.value, label=in_words(one.label)) for one in AppealKind]
        every = [SelectChoice(value=one.value, label=in_words(one.label)) for one in parts]
        self.part.choices = [SelectChoice(value="", label=_l("不限科目")), *every]

    def chosen_part(self) -> Part | None:
        """Give the part that it is about."""
        return Part(self.part.data) if self.part.data else None


class PaperAppealForm(AppealForm):
    """A case that a clerk takes on paper."""

    paper = FileField(
        _l("考生签名的申请"), [FileRequired(_l("请附上考生签名的申请"))], description=_l("扫描件或照片，图片或 PDF")
    )


class AnswerForm(FlaskForm):
    """The answer to a case; points and evidence where the marks are to be amended."""

    verdict = SelectField(_l("结论"), [InputRequired(_l("请选择结论"))])
    answer = TextAreaField(
        _l("理由"), [InputRequired(_l("请写明答复的理由，理由会告知申请人")), Length(max=1000)],
        description=_l("申请人会看到"),
    )  # fmt: skip
    effect = SelectField(_l("成立的，怎样处理"), [InputRequired()])
    theory = IntegerField(_l("理论知识"), [Optional(), _POINTS], description=_l("更改成绩时填写；留空表示缺考"))
    practice = IntegerField(_l("操作技能"), [Optional(), _POINTS], description=_l("更改成绩时填写；留空表示缺考"))
    review = IntegerField(_l("综合评审"), [Optional(), _POINTS], description=_l("更改成绩时填写；留空表示缺考"))
    evidence = FileField(_l("依据"), [Optional()], description=_l("更改成绩时附上复核记录等，图片或 PDF"))

    def offer(self) -> None:
        """Set what may be chosen."""
        self.verdict.choices = [
            SelectChoice(value="", label=_l("请选择")),
            SelectChoice(value="dismissed", label=_l("不成立，维持原结果")),
            SelectChoice(value="upheld", label=_l("成立")),
        ]
        self.effect.choices = [SelectChoice(value=one.value, label=in_words(one.label)) for one in Effect]


class IncidentForm(FlaskForm):
    """What happened at an exam."""

    kind = SelectField(_l("情况"), [InputRequired(_l("请选择情况"))])
    happened_at = DateTimeLocalField(_l("时间"), [InputRequired(_l("请填写时间"))])
    room = StringField(_l("考场"), [Optional(), Length(max=60)])
    candidate_id = SelectField(_l("考生"), [Optional()], coerce=int)
    what = TextAreaField(_l("发生了什么"), [InputRequired(_l("请写明发生了什么")), Length(max=1000)])
    done = TextAreaField(_l("怎样处理"), [InputRequired(_l("请写明怎样处理")), Length(max=1000)])

    def offer(self, candidates: Iterable[Candidate]) -> None:
        """Set what may be chosen."""
        self.kind.choices = [
            SelectChoice(value=one.value, label=f"{in_words(one.category)} · {in_words(one.label)}")
            for one in IncidentKind
        ]
        people = [
            SelectChoice(value=one.id, label=f"{one.enrolment.person.name} {one.enrolment.person.id_number[-4:]}")
            for one in candidates
        ]
        self.candidate_id.choices = [SelectChoice(value=0, label=_l("不涉及某一考生")), *people]
