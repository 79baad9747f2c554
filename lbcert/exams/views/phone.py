"""Marking on a phone that may have no network, at ``/exams/phone/``: a page, the worker that keeps it, and two calls.

The page holds words and no data; it keeps what the examiner enters in the browser and sends it when it can. Each entry has an
id of its own and is answered for itself: stored, in conflict with what he had saved before, or refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy import inspect

from lbcert.core.access import PUBLIC, acting
from lbcert.core.database import load
from lbcert.core.findings import Missing, Refused
from lbcert.core.intake import LARGEST_ID
from lbcert.core.pages import in_words
from lbcert.exams import operations
from lbcert.exams.models import MOST_ITEMS, Absence, Batch, BatchState, Mark, Part
from lbcert.exams.operations import Sent
from lbcert.exams.places import SCORERS
from lbcert.exams.queries.marks import OwnSheet, candidate_numbered, own_sheet, own_sheets, schemes_of
from lbcert.exams.rules import parts_of
from lbcert.exams.scoring import THIRD, Item
from lbcert.exams.views.room import room

#: Entries that one request brings, at most.
MOST = 50
#: Refusals that mean: there is a mark of this part already.
_CONFLICTS = frozenset({"exams.marked_meanwhile", "exams.mark_changed_meanwhile", "exams.marked_twice"})


@room.page("/phone/", see=PUBLIC)
def phone() -> Response:
    """Open the page; it holds nothing but words, so that the browser may keep it."""
    answer = make_response(_page())
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@room.page("/phone/worker.js", see=PUBLIC)
def phone_worker() -> Response:
    """Give the service worker, which names what it keeps; a change in any of it makes the browser fetch all anew."""
    version = sha256(f"{_digest()}{_page()}".encode()).hexdigest()[:16]
    kept = ["./", *(f"../../static/{name}" for name, _ in _files())]
    head = f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(kept)};\n"
    body = head + (_folder() / "worker.js").read_text(encoding="utf-8")
    return Response(body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@room.page("/phone/<int:batch_id>/sheets", see=SCORERS)
def phone_sheets(batch_id: int) -> Response:
    """Give what the examiner may see of a batch: numbers, his own marks, what waits for him; and the token to send marks with."""
    batch, actor = load(Batch, batch_id), acting()
    parts, schemes = parts_of(with_review=batch.with_review), schemes_of(batch.id)
    answer = jsonify(
        account=actor.id,
        token=generate_csrf(),
        batch=batch.id,
        number=batch.number,
        open=batch.state is BatchState.MARKING,
        state=in_words(batch.state.label),
        parts=[_part(part, schemes[part].items) for part in parts],
        candidates=[_shape(sheet, actor.person_id) for sheet in own_sheets(batch, actor.person_id)],
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@room.page("/phone/<int:batch_id>/marks", see=SCORERS, methods=("POST",))
def phone_marks(batch_id: int) -> ResponseReturnValue:
    """Take entries, each for itself, so that one that is refused holds up none; sent again, they are stored once."""
    sent = request.get_json(silent=True)
    account, entries = (sent.get("account"), sent.get("entries")) if isinstance(sent, dict) else (None, None)
    if not isinstance(entries, list) or len(entries) > MOST:
        abort(400)
    if account != acting().id:  # somebody else has signed in on this phone meanwhile
        abort(409)
    read, me = [_read(entry) for entry in entries], acting().person_id
    taken = operations.take_marks(acting(), batch_id, read)
    return jsonify(answers=[_answer(batch_id, *each, me) for each in zip(read, taken, strict=True)])


def _read(entry: Any) -> Sent:
    """Read one entry; 400 for what is not of its shape."""
    given = entry if isinstance(entry, dict) else {}
    points, after, absence, by_item = (given.get(name) for name in ("points", "after", "absence", "by_item"))
    entry, number, reason = texts = [given.get(name) for name in ("entry", "number", "reason")]
    is_list = by_item is None or (isinstance(by_item, list) and len(by_item) <= MOST_ITEMS)
    wholes = [value for value in (points, after) if value is not None] + list(by_item or ()) if is_list else [None]
    is_whole = all(type(value) is int and abs(value) <= LARGEST_ID for value in wholes)
    known = given.get("part") in list(Part) and absence in [None, *Absence]
    if not (is_whole and known and all(type(text) is str for text in texts)):
        abort(400)
    return Sent(
        entry=str(entry),
        number=str(number),
        part=Part(given["part"]),
        points=points,
        absence=None if absence is None else Absence(absence),
        by_item=None if by_item is None else tuple(by_item),
        after=after,
        reason=str(reason),
    )


def _answer(batch_id: int, sent: Sent, became: Mark | Refused | Missing, me: int | None) -> dict[str, Any]:
    if isinstance(became, Missing):
        return {"entry": sent.entry, "state": "refused", "why": []}
    if isinstance(became, Refused):
        said = [in_words(finding.message) for finding in became.findings if finding.stops]
        now = _now(batch_id, sent, me) if any(rule in became for rule in _CONFLICTS) else None
        return {"entry": sent.entry, "state": "conflict" if now else "refused", "why": said, "mark": now}
    return {"entry": sent.entry, "state": "stored", "mark": _stored(became, sent, me)}


def _stored(mark: Mark, sent: Sent, me: int | None) -> dict[str, Any]:
    """Give a mark just stored: as it was sent, and his; the id is known without asking for the row again.

    What items come to is asked.
    """
    if sent.by_item is not None:
        return _mark(mark, me)
    (mark_id,) = inspect(mark).identity or (None,)
    return {"id": mark_id, "points": sent.points, "absence": sent.absence, "by_item": None, "by": ""}


def _now(batch_id: int, sent: Sent, me: int | None) -> dict[str, Any] | None:
    """Give the mark that stands in the way, as far as the examiner may see it."""
    seen = own_sheet(candidate_numbered(batch_id, sent.number), me)
    mark = seen.marks.get(sent.part)
    return None if mark is None else _mark(mark, me)


def _part(part: Part, items: Sequence[Item]) -> dict[str, Any]:
    return {"key": part.value, "label": in_words(part.label), "items": [asdict(item) for item in items]}


def _shape(sheet: OwnSheet, me: int | None) -> dict[str, Any]:
    return {
        "number": sheet.number,
        "marks": {part.value: _mark(mark, me) for part, mark in sheet.marks.items()},
        # which parts wait for him, and whether as the third; not whether he is the first
        "wanted": {part.value: seat == THIRD for part, seat in sheet.seats.items()},
    }


def _mark(mark: Mark, me: int | None) -> dict[str, Any]:
    return {
        "id": mark.id,
        "points": mark.points,
        "absence": None if mark.absence is None else mark.absence.value,
        "by_item": mark.by_item,
        "by": "" if mark.scorer_id == me else mark.scorer.name,
    }


def _page() -> str:
    absences = [{"key": absence.value, "label": in_words(absence.label)} for absence in Absence]
    return render_template("pages/exams/phone.html", absence_list=absences)


def _folder() -> Path:
    return Path(current_app.static_folder or "") / "marking"


def _files() -> list[tuple[str, Path]]:
    """Give each file that the page loads, with its name under ``static``."""
    files = sorted(file for file in _folder().iterdir() if file.name not in {"worker.js", "package.json"})
    return [(f"marking/{file.name}", file) for file in files] + [("mark.svg", _folder().parent / "mark.svg")]


@cache
def _digest() -> str:
    return sha256(b"".join(sha256(file.read_bytes()).digest() for _, file in _files())).hexdigest()
