"""A proposal to re-plan (调课), as plain values: each session before and after, and what cannot be helped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lbcert.core.findings import Finding, from_kept, kept


@dataclass(frozen=True)
class Held:
    """When, by whom and where a session is held."""

    starts_at: datetime
    ends_at: datetime
    trainer_id: int
    venue_id: int | None


@dataclass(frozen=True)
class Move:
    """One session before and after, with its version when it was looked at; ``findings`` speak against it or are to be known."""

    session_id: int
    version: int
    before: Held
    after: Held
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class Proposal:
    """What a search came to."""

    moves: Sequence[Move] = ()
    #: Sessions that find no place, each with the reason.
    unplaced: Sequence[tuple[int, Finding]] = ()
    #: Sessions that may not be moved, for they began or are locked.
    stuck: Sequence[int] = ()
    #: Sessions of cohorts that others teach: they move them themselves.
    others: Sequence[int] = ()
    #: Proved: nothing with as few unplaced moves fewer.
    is_fewest: bool = False
    seconds: float = 0
    #: The moves that were carried out.
    accepted: Sequence[int] = ()

    @property
    def sessions(self) -> set[int]:
        """All that it speaks of."""
        return (
            {move.session_id for move in self.moves} | {one for one, _ in self.unplaced} | {*self.stuck, *self.others}
        )

    def written(self) -> str:
        """Write it as JSON."""
        plain = vars(self) | {
            "moves": [
                vars(move)
                | {"before": _held(move.before), "after": _held(move.after), "findings": _kept(move.findings)}
                for move in self.moves
            ],
            "unplaced": [[session_id, kept(finding)] for session_id, finding in self.unplaced],
        }
        return json.dumps(plain, ensure_ascii=False)


def read(text: str) -> Proposal:
    """Read what ``Proposal.written`` wrote; nothing is the empty proposal."""
    if not text:
        return Proposal()
    plain = json.loads(text)
    moves = [
        Move(**each | {"before": _held_of(each["before"]), "after": _held_of(each["after"]), "findings": _of(each)})
        for each in plain["moves"]
    ]
    unplaced = [(session_id, from_kept(finding)) for session_id, finding in plain["unplaced"]]
    return Proposal(**plain | {"moves": moves, "unplaced": unplaced})


def _held(held: Held) -> dict[str, Any]:
    return vars(held) | {"starts_at": held.starts_at.isoformat(), "ends_at": held.ends_at.isoformat()}


def _held_of(plain: Mapping[str, Any]) -> Held:
    times = {name: datetime.fromisoformat(plain[name]) for name in ("starts_at", "ends_at")}
    return Held(**{**plain, **times})


def _kept(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [kept(finding) for finding in findings]


def _of(move: Mapping[str, Any]) -> list[Finding]:
    return [from_kept(plain) for plain in move["findings"]]
