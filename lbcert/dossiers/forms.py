"""Shapes of this room's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from lbcert.core.pages import choices, in_words
from lbcert.dossiers.rules import SignedPaper


class PaperForm(FlaskForm):
    """The scan of a signed paper."""

    kind = SelectField(_l("材料"), validators=[InputRequired()])
    file = FileField(_l("扫描件或照片"), validators=[FileRequired(_l("请选择文件"))], description=_l("PDF、JPG 或 PNG"))

    def offer(self) -> PaperForm:
        """Offer the kinds of papers."""
        self.kind.choices = choices({paper.value: in_words(paper.label) for paper in SignedPaper})
        return self


class ReadingForm(FlaskForm):
    """Why somebody wants to read a dossier."""

    reason = StringField(_l("调阅理由"), validators=[InputRequired(_l("请写明理由")), Length(max=300)])
