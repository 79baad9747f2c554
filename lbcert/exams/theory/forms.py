"""The shapes of the forms of theory by computer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from lbcert.core.pages import in_words
from lbcert.core.reference import SkillLevel, Trade
from lbcert.exams.models import QuestionKind
from lbcert.exams.theory.blueprints import Line, tenths_of
from lbcert.parties.models import Organisation


class BankForm(FlaskForm):
    """A bank to be founded."""

    #: "body:trade", of what the body filed.
    subject = SelectField(_l("职业（工种）"), [InputRequired(_l("请选择职业（工种）"))])
    level = SelectField(_l("等级"))

    def offer(self, bodies: Iterable[tuple[Organisation, Sequence[Trade]]]) -> None:
        """Set what may be chosen."""
        filed = [(body, trade) for body, trades in bodies for trade in trades]
        several = len({body.id for body, _trade in filed}) > 1
        self.subject.choices = [
            SelectChoice(value=f"{body.id}:{trade.id}", label=f"{body.name} · {trade.name}" if several else trade.name)
            for body, trade in filed
        ]
        levels = [SelectChoice(value=level.value, label=in_words(level.label)) for level in SkillLevel]
        self.level.choices = [*levels, SelectChoice(value="", label=_l("不分等级"))]


class QuestionsForm(FlaskForm):
    """A sheet of questions to be checked."""

    file = FileField(
        _l("试题表"), [FileRequired(_l("请选择试题表"))], description=_l("Excel（.xlsx、.xls）或 CSV，列的顺序不限")
    )


class BlueprintForm(FlaskForm):
    """A blueprint's name and time; its counts stand beside the form, see :func:`lines_sent`."""

    name = StringField(_l("名称"), [InputRequired(_l("请填写名称")), Length(max=60)])
    minutes = IntegerField(_l("考试时长（分钟）"), [InputRequired(_l("请填写考试时长"))])


class EnterForm(FlaskForm):
    """Who sits at this machine."""

    number = StringField(
        _l("考生号"), [InputRequired(_l("请填写考生号")), Length(max=12)], description=_l("准考证上的考生号")
    )
    last_four = StringField(_l("身份证号后四位"), [InputRequired(_l("请填写身份证号后四位")), Length(max=4)])
    code = StringField(
        _l("场次码"), [InputRequired(_l("请填写场次码")), Length(max=6)], description=_l("监考员在考场公布的 6 位数字")
    )


def lines_sent(sent: Mapping[str, str], points: Sequence[str]) -> tuple[list[Line], list[str]]:
    """Read the lines of a blueprint, and the names of the fields that hold no number.

    ``points-<kind>`` are the points of each question of a kind, ``count-<kind>-0`` how many of any knowledge point, and
    ``count-<kind>-<n>`` how many of the n-th of ``points``.
    """
    lines, wrong = [], []
    for kind in QuestionKind:
        tenths = tenths_of(sent.get(f"points-{kind}", ""))
        for place, point in enumerate(("", *points)):
            name = f"count-{kind}-{place}"
            text = sent.get(name, "").strip()
            is_count = text.isascii() and text.isdecimal() and len(text) <= 3  # noqa: PLR2004 (300 at most)
            if text and not is_count:
                wrong.append(name)
            elif text and int(text):
                lines.append(Line(kind, point, int(text), tenths or 0))
                if tenths is None:
                    wrong.append(f"points-{kind}")
    return lines, list(dict.fromkeys(wrong))
