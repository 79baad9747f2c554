"""What must hold of every result that stands, from design and field, over plain rows: it shares nothing with the program's rules and SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

SEPARATION_DAYS = 730


@dataclass(frozen=True)
class Rows:
    """All rows of the tables concerned, each a plain mapping, as the database has them."""

    tables: dict[str, list[dict[str, Any]]]

    def __getattr__(self, table: str) -> list[dict[str, Any]]:
        return self.tables[table]

    @classmethod
    def of(cls, connection: Connection) -> Rows:
        """Read them."""
        return cls(
            {
                table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608 (our names)
                for table in TABLES
            }
        )


TABLES = (
    "batches", "batch_staff", "candidates", "marks", "results", "amendments", "declarations", "declared_kin", "cohort_providers",
    "controls", "carried_parts", "organisations", "sessions", "enrolments", "persons", "accounts", "certificates", "cohorts",
    "training_items", "examiner_cards", "card_scopes",
)  # fmt: skip


def violations(rows: Rows, *, with_history: bool = True) -> list[str]:
    """Name every way in which a passed result that stands, or a certificate on one, was not separate from training.

    ``with_history`` asks too whom an examiner taught elsewhere and whom he named as kin for another batch, as far as it was
    on file when the batch was decided: operations hold that, the database cannot.
    """
    replaced = {row["replaces_id"] for row in rows.results}
    standing = [row for row in rows.results if row["outcome"] == "passed" and row["id"] not in replaced]
    certified = {row["result_id"] for row in rows.certificates if row["result_id"] and row["status"] != "revoked"}
    counted = {row["candidate_id"] for row in standing}
    beneath = certified | {row["result_id"] for row in rows.carried_parts if row["candidate_id"] in counted}
    looked_at = [*standing, *(row for row in rows.results if row["id"] in beneath and row not in standing)]
    return [found for row in looked_at for found in _Exam(rows, row).faults(with_history=with_history)]


class _Exam:
    """The exam behind one result."""

    def __init__(self, rows: Rows, result: dict[str, Any]) -> None:
        self.rows, self.result = rows, result
        self.batch = _one(rows.batches, id=result["batch_id"])
        candidate = _one(rows.candidates, id=result["candidate_id"])
        self.learner = _one(rows.enrolments, id=candidate["enrolment_id"])
        self.person = _one(rows.persons, id=self.learner["person_id"])
        self.cohort = _one(rows.cohorts, id=self.batch["cohort_id"])
        replaced = {row["replaces_id"] for row in rows.marks}
        self.marks = [row for row in rows.marks if row["candidate_id"] == candidate["id"] and row["id"] not in replaced]

    def faults(self, *, with_history: bool) -> Iterator[str]:
        """Name what is wrong with it."""
        yield from self._bodies()
        yield from self._three_persons()
        for mark in self.marks:
            yield from self._apart(mark["scorer_id"], "scorer", with_history=with_history)
            if not self._appointed(mark["scorer_id"], {"leader", "examiner"}):
                yield f"scorer {mark['scorer_id']} was not appointed, or signed no declaration"
        for who in {mark["scorer_id"] for mark in self.marks}:
            yield from self._carded(who)
            yield from self._rotated(who)
        yield from self._apart(self.batch["decided_by"], "decider", with_history=with_history)
        if not self._appointed(self.batch["decided_by"], {"decider"}):
            yield f"decider {self.batch['decided_by']} was not appointed, or signed no declaration"
        for part in {mark["part"] for mark in self.marks}:
            scorers = [mark["scorer_id"] for mark in self.marks if mark["part"] == part]
            if len(scorers) != len(set(scorers)):
                yield f"one person marked {part} twice"

    def _bodies(self) -> Iterator[str]:
        body = _one(self.rows.organisations, id=self.batch["body_id"])
        if body["kind"] != "assessment_body" or not body["credit_code"]:
            yield f"{body['id']} is no assessment body"
        if self.batch["scheme"] != self.cohort["scheme"]:
            yield f"the cohort filed {self.cohort['scheme']}, and was examined under {self.batch['scheme']}"
        if self.batch["scheme"] != "social":
            employers = {row["credit_code"] for row in self.rows.organisations if row["kind"] == "employer"}
            if body["credit_code"] not in employers:
                yield f"body {body['id']} is no employer's"
            return
        sides = [
            row["organisation_id"] for row in self.rows.cohort_providers if row["cohort_id"] == self.batch["cohort_id"]
        ]
        if not sides:
            yield "the cohort has no provider"
        for provider in (_one(self.rows.organisations, id=each) for each in sides):
            ours, theirs = self._hands(body), self._hands(provider)
            if provider["id"] == body["id"] or provider["credit_code"] == body["credit_code"]:
                yield f"body {body['id']} is provider {provider['id']}"
            if not ours or not theirs:
                yield f"nobody is on file who controls body {body['id']} or provider {provider['id']}"
            if ours & theirs or provider["credit_code"] in ours or body["credit_code"] in theirs:
                yield f"body {body['id']} and provider {provider['id']} are in one hand"

    def _hands(self, organisation: dict[str, Any]) -> set[str]:
        day = _day(self.batch["held_on"])
        return {
            row["controller"]
            for row in self.rows.controls
            if row["organisation_id"] == organisation["id"]
            and _day(row["valid_from"]) <= day
            and (row["valid_to"] is None or day <= _day(row["valid_to"]))
        }

    def _three_persons(self) -> Iterator[str]:
        accounts = {row["id"]: row["person_id"] for row in self.rows.accounts}
        scored = {mark["scorer_id"] for mark in self.marks}
        typed = {accounts[mark["account_id"]] for mark in self.marks}
        deciders = {self.batch["decided_by"], self.result["decided_by"]}
        if deciders & (scored | typed):
            yield f"{deciders & (scored | typed)} scored or typed, and decided"
        of_candidate = [row for row in self.rows.results if row["candidate_id"] == self.result["candidate_id"]]
        decided = deciders | {row["decided_by"] for row in of_candidate}
        for certificate in (row for row in self.rows.certificates if row["result_id"] == self.result["id"]):
            if certificate["issuer_id"] in scored | decided:
                yield f"{certificate['issuer_id']} scored or decided, and issued certificate {certificate['id']}"
            if certificate["person_id"] != self.person["id"] or certificate["issuer_id"] == self.person["id"]:
                yield f"certificate {certificate['id']} is not the candidate's, or he issued it himself"
            if self.batch["state"] != "published":
                yield f"certificate {certificate['id']} was issued before the results were published"
        for amendment in self.rows.amendments:
            if amendment["id"] == self.result["amendment_id"] and amendment["requester_id"] == amendment["answered_by"]:
                yield f"{amendment['requester_id']} granted his own amendment {amendment['id']}"

    def _apart(self, who: int, called: str, *, with_history: bool) -> Iterator[str]:
        if who == self.person["id"]:
            yield f"{called} {who} examined himself"
        for session in self._lessons(who):
            if session["cohort_id"] == self.batch["cohort_id"]:
                yield f"{called} {who} taught the cohort in session {session['id']}"
            elif with_history and called == "scorer" and self._counts(session):
                yield f"{called} {who} taught the candidate in session {session['id']} of cohort {session['cohort_id']}"
        if any(row["person_id"] == who and row["cohort_id"] == self.batch["cohort_id"] for row in self.rows.enrolments):
            yield f"{called} {who} learns in the cohort"
        for row in self.rows.declarations:
            here = row["batch_id"] == self.batch["id"]
            if row["person_id"] != who or not (here or (with_history and self._known(row))):
                continue
            if here and (row["money"] or row["training"] or (row["employer"] and self.batch["scheme"] == "social")):
                yield f"{called} {who} declared an interest"
            kin = {each["kin_index"] for each in self.rows.declared_kin if each["declaration_id"] == row["id"]}
            if self.person["id_index"] in kin:
                yield f"{called} {who} is kin of {self.person['id']}"

    def _lessons(self, who: int) -> list[dict[str, Any]]:
        return [row for row in self.rows.sessions if row["trainer_id"] == who and not row["cancelled_reason"]]

    def _counts(self, session: dict[str, Any]) -> bool:
        learns = any(
            row["person_id"] == self.person["id"] and row["cohort_id"] == session["cohort_id"]
            for row in self.rows.enrolments
        )
        held = _day(self.batch["held_on"])
        return (
            learns and self._known(session) and held - timedelta(SEPARATION_DAYS) <= _day(session["starts_at"]) < held
        )

    def _known(self, row: dict[str, Any]) -> bool:
        return _moment(row["created_at"]) < _moment(self.batch["decided_at"])

    def _appointed(self, who: int, posts: set[str]) -> bool:
        there = {"batch_id": self.batch["id"], "person_id": who}
        own = {row["id"] for row in self.rows.accounts if row["person_id"] == who}
        posted = any(row["post"] in posts for row in self.rows.batch_staff if there.items() <= row.items())
        return posted and any(
            there.items() <= row.items() and row["account_id"] in own for row in self.rows.declarations
        )

    def _carded(self, who: int) -> Iterator[str]:
        """Ask for a card of trade, level and day, where the batch says that it is asked for."""
        item = _one(self.rows.training_items, id=self.cohort["item_id"])
        held = _day(self.batch["held_on"])
        cards = {
            row["id"]
            for row in self.rows.examiner_cards
            if row["person_id"] == who
            and _day(row["valid_from"]) <= held <= _day(row["valid_to"])
            and (row["withdrawn_on"] is None or held < _day(row["withdrawn_on"]))
        }
        reach = [
            row for row in self.rows.card_scopes if row["card_id"] in cards and row["trade_id"] == item["trade_id"]
        ]
        if self.batch["cards_required"] and not any(
            row["level"] is None or item["level"] is None or int(row["level"]) <= int(item["level"]) for row in reach
        ):
            yield f"scorer {who} held no card on the day"

    def _rotated(self, who: int) -> Iterator[str]:
        """Count the batches running, at each school, as they were planned: one that was called off stands between still."""
        most = self.batch["rotation_batches"]
        posts = [
            row for row in self.rows.batch_staff if row["person_id"] == who and row["post"] in {"leader", "examiner"}
        ]
        his = {row["batch_id"] for row in posts}
        for school in {row["organisation_id"] for row in self._providers(self.batch) if most is not None}:
            taught = [
                row for row in self.rows.batches if school in {each["organisation_id"] for each in self._providers(row)}
            ]
            held = sorted(taught, key=lambda row: (_day(row["held_on"]), row["id"]))
            counted = [row for row in held if row["id"] not in his or row["state"] != "cancelled"]
            runs: list[list[int]] = [[]]
            for row in counted:
                if row["id"] in his:
                    runs[-1].append(row["id"])
                else:
                    runs.append([])
            if any(len(run) > most for run in runs if self.batch["id"] in run):
                yield f"scorer {who} examined more than {most} batches running at {school}"

    def _providers(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        return [row for row in self.rows.cohort_providers if row["cohort_id"] == batch["cohort_id"]]


def _one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (found,) = [row for row in rows if wanted.items() <= row.items()]
    return found


def _day(value: Any) -> date:
    return (
        value.date()
        if isinstance(value, datetime)
        else date.fromisoformat(value[:10])
        if isinstance(value, str)
        else value
    )


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=None)
