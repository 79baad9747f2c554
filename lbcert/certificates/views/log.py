"""The log's page for auditors, and for whoever wants to know what it holds: inclusion and consistency in plain words."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from lbcert.certificates.models import Status
from lbcert.certificates.queries import log
from lbcert.certificates.token import link
from lbcert.certificates.token.reasons import Unreadable
from lbcert.certificates.views.room import room
from lbcert.core.access import PUBLIC
from lbcert.core.pages import Column, in_words

#: Checkpoints on the page, the newest first.
SHOWN = 20

COLUMNS = [
    Column("size", _l("日志条数"), "number"),
    Column("created_at", _l("签名时间"), "time"),
    Column("root", _l("根哈希"), "code", value=lambda row: f"{row.note.split(chr(10))[2][:16]}…"),
]


class LookUpForm(FlaskForm):
    """A certificate's link, as the scanned code gives it."""

    link = StringField(
        _l("证书二维码的链接"),
        validators=[InputRequired(_l("请粘贴扫码得到的链接")), Length(max=900)],
        description=_l("只在日志里查找，不会保存"),
    )


@room.page("/log/", see=PUBLIC, methods=("GET", "POST"), menu=(_l("公开日志"), "list-details"))
def public_log() -> ResponseReturnValue:
    """Show the log's size and checkpoints, prove that it only grew, and what it holds about a certificate."""
    form, events = LookUpForm(), None
    if form.validate_on_submit():
        events = _events(form.link.data or "")
    newest = log.checkpoints(SHOWN)
    return render_template(
        "pages/certificates/log.html",
        form=form,
        events=events,
        columns=COLUMNS,
        checkpoints=newest,
        vkey=log.verifier(),
        grown=_grown(request.args.get("old", type=int), request.args.get("new", type=int)),
        asked=request.args,
    ), 422 if form.errors else 200


def _events(text: str) -> list[dict[str, Any]]:
    """List what the log holds about a certificate, each with the proof checked as a stranger would."""
    try:
        token = link.read(text).token if "://" in text else link.read_code(text.strip())
    except Unreadable:
        return []
    found: list[dict[str, Any]] = []
    known = log.verifier()
    if known is None:
        return found
    for leaf in log.leaves_of(sha256(token).hexdigest()):
        proof = log.proof_of_leaf(leaf)
        checkpoint = log.holds(proof, known)
        found.append(
            {
                "position": leaf.position,
                "at": leaf.at,
                "what": _what(leaf.event),
                "size": checkpoint.size,
                "hashes": len(proof.hashes),
            }
        )
    return found


def _what(event: str) -> str:
    kind, _, status = event.partition("/")
    return gettext("签发") if kind == "issue" else in_words(Status(status).label)


def _grown(old: int | None, new: int | None) -> tuple[str, str] | None:
    """Say whether the log of one checkpoint begins that of another: a sentence, and how to show it."""
    if old is None or new is None:
        return None
    checked = log.grown_from(old, new)
    if checked is None:
        return gettext("请从小到大填写两个检查点的条数"), "warn"
    values = {"old": old, "new": new, "hashes": checked[1]}
    if not checked[0]:
        return gettext("对不上：%(new)s 条的日志不是从 %(old)s 条的日志续写的", **values), "stop"
    return gettext(
        "对得上：前 %(old)s 条在 %(new)s 条的日志里一条没少、一条没改（用 %(hashes)s 个哈希证明）", **values
    ), "ok"
