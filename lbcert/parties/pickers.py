"""Form fields that find a region or an organisation among many, as one types.

The browser's own list of suggestions is filled by htmx; without it the code or number may be typed as well.
"""

from __future__ import annotations

import re
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import StringField, ValidationError
from wtforms.widgets import TextInput


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
    """Something with a key, written as "key name"; ``data`` is the key, or None."""

    pattern: re.Pattern[str]
    key: type = str
    wrong: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._written = ""
        super().__init__(*args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the key in front."""
        if valuelist:
            self._written = valuelist[0].strip()
            found = self.pattern.match(self._written)
            self.data = self.key(found[1]) if found else None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (WTForms' signature)
        """Refuse what holds no key."""
        if self._written and self.data is None:
            raise ValidationError(self.wrong)

    def _value(self) -> str:
        return self._written or ("" if self.data is None else str(self.data))


class RegionField(PickerField):
    """A region, written as "530128 禄劝彝族苗族自治县"; its data is the code."""

    widget = SuggestingInput("parties.region_suggestions")
    pattern = re.compile(r"([0-9]{6}|[0-9]{9}|[0-9]{12})(?:\s|$)")
    wrong = _l("请从列表中选择地区，或者填写 6、9 或 12 位区划代码")


class OrganisationField(PickerField):
    """An organisation, written as "12 云南某学校"; its data is the id. ``kinds`` bounds what is suggested."""

    pattern = re.compile(r"([0-9]{1,9})(?:\s|$)")
    key = int
    wrong = _l("请从列表中选择机构")

    def __init__(self, *args: Any, kinds: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.widget = SuggestingInput("parties.organisation_suggestions", kind=list(kinds))
