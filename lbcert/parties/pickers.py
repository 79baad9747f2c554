"""Form fields that find a region or an organisation among many, as one types.

The browser's own list of suggestions is filled by htmx; without it the code or number may be typed as well, or a name
that only one of them bears.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from wtforms import StringField, ValidationError
from wtforms.widgets import TextInput

from lbcert.core.database import db
from lbcert.core.reference import Region
from lbcert.parties.models import Organisation


class SuggestingInput(TextInput):
    """A text input whose suggestions come from a page (``endpoint``), which reads what was typed by ``typed()``."""

    def __init__(self, endpoint: str, **arguments: Any) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._arguments = arguments

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """Write the input and its list."""
        suggestions = f"{field.id}-suggestions"
        kwargs |= {
            "list": suggestions,
            "autocomplete": "off",
            "hx-get": url_for(self._endpoint, of=field.name, **self._arguments),
            "hx-trigger": "focus once, input changed delay:250ms",
            "hx-target": f"#{suggestions}",
        }
        return Markup("{}<datalist id='{}'></datalist>").format(super().__call__(field, **kwargs), suggestions)


def typed() -> str:
    """Give what was typed into the picker that asks for suggestions."""
    return request.args.get(request.args.get("of", ""), "").strip()[:60]


class PickerField(StringField):
    """Something with a key, written as "key name", by its key alone, or by a name that fits no other; ``data`` is the key, or None."""

    pattern: re.Pattern[str]
    key: type = str
    wrong: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._written = ""
        super().__init__(*args, **kwargs)

    @classmethod
    def fits(cls, text: str) -> Sequence[Any]:
        """Give the keys of those whose name fits ``text``, two at most: more are as good as none."""
        raise NotImplementedError

    @classmethod
    def name_of(cls, key: Any) -> str:
        """Give the name of what has a key; empty where nothing has."""
        raise NotImplementedError

    @classmethod
    def read(cls, text: str) -> Any:
        """Give the key in front of a text, or of the one thing that it names; None otherwise."""
        if found := cls.pattern.match(text):
            return cls.key(found[1])
        keys = cls.fits(text[:60]) if text else ()
        return keys[0] if len(keys) == 1 else None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed or picked."""
        if valuelist:
            self._written = valuelist[0].strip()
            self.data = self.read(self._written)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (WTForms' signature)
        """Refuse what names nothing, or more than one."""
        if self._written and self.data is None:
            raise ValidationError(self.wrong)

    def _value(self) -> str:
        return self._written or ("" if self.data is None else f"{self.data} {self.name_of(self.data)}".strip())


class RegionField(PickerField):
    """A region, written as "530128 禄劝彝族苗族自治县" or 禄劝; its data is the code."""

    widget = SuggestingInput("parties.region_suggestions")
    pattern = re.compile(r"([0-9]{6}|[0-9]{9}|[0-9]{12})(?:\s|$)")
    wrong = _l("请从列表中选择地区，或者填写只有一地的名称、6、9 或 12 位区划代码")

    @classmethod
    def fits(cls, text: str) -> Sequence[str]:
        """Give the code of the region of that name, or of those whose name has ``text`` in it, in force today."""
        query = select(Region.code).where(Region.valid_to.is_(None))
        whole = db.session.scalars(query.where(Region.name == text).limit(2)).all()
        return whole or db.session.scalars(query.where(Region.name.contains(text, autoescape=True)).limit(2)).all()

    @classmethod
    def name_of(cls, key: str) -> str:
        """Give a region's name."""
        return db.session.scalar(select(Region.name).where(Region.code == key)) or ""


class OrganisationField(PickerField):
    """An organisation, written as "12 云南某学校" or 云南某学校; its data is the id. ``kinds`` bounds what is suggested."""

    pattern = re.compile(r"([0-9]{1,9})(?:\s|$)")
    key = int
    wrong = _l("请从列表中选择机构")

    def __init__(self, *args: Any, kinds: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.widget = SuggestingInput("parties.organisation_suggestions", kind=list(kinds))

    @classmethod
    def fits(cls, text: str) -> Sequence[int]:
        """Give the id of the organisation of that name, whole."""
        return db.session.scalars(select(Organisation.id).where(Organisation.name == text).limit(2)).all()

    @classmethod
    def name_of(cls, key: int) -> str:
        """Give an organisation's name."""
        return db.session.scalar(select(Organisation.name).where(Organisation.id == key)) or ""
