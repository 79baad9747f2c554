"""The room itself, to which each module of its pages adds, and how its forms are carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_wtf import FlaskForm

from lbcert.core.findings import Finding, Refused
from lbcert.core.room import Room

room = Room("parties", __name__, url_prefix="/parties")


@dataclass(frozen=True)
class Sent:
    """What came of a form: what its operation made, or why it is shown again."""

    made: Any = None
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> int:
        """The status with which the form is shown: as it was asked for, or because it was refused."""
        return 422 if request.method == "POST" else 200


def sent(form: FlaskForm, carry_out: Callable[[], Any]) -> Sent:
    """Carry a form's operation out when it was sent and is in shape; keep the findings when it is refused."""
    if not form.validate_on_submit():
        return Sent()
    try:
        return Sent(made=carry_out())
    except Refused as refused:
        return Sent(findings=refused.findings)
