"""Dossiers: who brings papers and closes a batch's file, and who lets whom read it."""

from datetime import UTC, date, datetime

from lbcert.core.access import Role
from lbcert.core.files import StoredFile, place_of
from lbcert.dossiers.models import Dossier, Reading
from lbcert.dossiers.rules import SignedPaper
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
from tests.access.exams import published
from tests.access.machinery import Row

KEEPERS = "bureau_officer assessment_clerk"
READERS = f"{KEEPERS} result_officer auditor"


def batch(stage):
    return {"batch_id": published(stage).id}


def dossier(stage):
    def made():
        row = make.store(StoredFile(sha256="3" * 64, size=3, media_type="application/zip", name="RD-1.zip"))
        place_of(row.sha256).parent.mkdir(parents=True, exist_ok=True)
        place_of(row.sha256).write_bytes(b"zip")
        closer = stage.account(Role.ASSESSMENT_CLERK)
        values = {"edition": 1, "file_id": row.id, "papers": 1, "closed_by": closer.id, "keep_until": date(2030, 1, 1)}
        return make.store(Dossier(**batch(stage), **values))

    return {"dossier_id": stage.once("dossier", made).id}


def reader(stage):
    """Give an account of nobody's role here that asked to read."""
    return stage.once("dossier's reader", lambda: make.account(Role.STATION, stage.at(OrganisationKind.STATION_AWAY)))


def reading(stage):
    """Give a reading that waits."""

    def made():
        return make.store(Reading(**dossier(stage), reader_id=reader(stage).id, reason="审计"))

    return {"reading_id": stage.once("reading", made).id}


def granted(stage):
    """Give a reading that somebody let pass."""

    def made():
        answered = {
            "granted": True,
            "answered_by": stage.account(Role.RESULT_OFFICER).id,
            "answered_at": datetime.now(UTC),
        }
        return make.store(Reading(**dossier(stage), reader_id=reader(stage).id, reason="审计", **answered))

    return {"reading_id": stage.once("reading that was granted", made).id}


def asker(stage):
    return {"whoever asked": (reader(stage), True)}


ANSWERERS = "bureau_officer result_officer"

OPERATIONS = {
    "dossiers.bring_paper": Row(
        KEEPERS, lambda stage: {**batch(stage), "kind": SignedPaper.SUMMARY, "data": b"%PDF-1.7", "name": "x.pdf"}
    ),
    "dossiers.close": Row(KEEPERS, batch),
    "dossiers.ask": Row(READERS, lambda stage: {**dossier(stage), "reason": "审计"}),
    "dossiers.answer": Row(ANSWERERS, lambda stage: {**reading(stage), "granted": True}),
    "dossiers.open": Row("", granted, also=asker),
}
ROUTES = {
    "GET /dossiers/": Row(" ".join(f"{role}*" for role in READERS.split())),
    "GET /dossiers/batch/<int:batch_id>": Row(READERS, batch),
    "POST /dossiers/batch/<int:batch_id>/papers": Row(KEEPERS, batch),
    "POST /dossiers/batch/<int:batch_id>/close": Row(KEEPERS, batch),
    "POST /dossiers/<int:dossier_id>/readings": Row(READERS, dossier),
    "POST /dossiers/readings/<int:reading_id>/grant": Row(ANSWERERS, reading),
    "POST /dossiers/readings/<int:reading_id>/decline": Row(ANSWERERS, reading),
    "POST /dossiers/readings/<int:reading_id>/open": Row("", granted, also=asker),
}
