"""A published batch of as many people as asked for, in an installation of its own, for the other benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from sqlalchemy import text

from lbcert.certificates.operations import enter_prefix, init_keys, keep_pdf_certificate
from lbcert.certificates.pades.identity import make_authority, make_identity
from lbcert.certificates.token.keys import Signer
from lbcert.cohorts.models import Enrolment
from lbcert.core import clock, files
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.database import db
from lbcert.core.operation import operation
from lbcert.exams.models import Batch, BatchStaff, Candidate, Declaration, Mark, Part, Post
from lbcert.parties.models import Organisation, OrganisationKind, Person
from lbcert.testing import factories as make
from lbcert.testing.fixtures import home_at, migrate, running

HELD = date(2025, 8, 9)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫", "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂"
#: Of 150 people of 禄劝 so many have names of two, three, four and five characters; two have one of nine, with its dot.
LENGTHS = {2: 40, 3: 89, 4: 15, 5: 4, 9: 2}
_LENGTHS = [length for length, people in LENGTHS.items() for _ in range(people)]


@contextmanager
def installation(home: Path, address: str = "", **environment: str) -> Iterator[Flask]:
    """Give the whole application on a migrated database, by default a fresh SQLite file in ``home``, with more settings."""
    if not address:
        address = f"sqlite:///{home / 'lbcert.db'}"
        migrate(address)
    with running(address, home_at(home), **environment) as app:
        yield app


def published(count: int, *, photos: bool = True) -> tuple[Any, int]:
    """Give an issuer, and the id of a published batch that ``count`` people passed."""
    school = make.organisation()
    body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="云南滇新职业技能评价中心")
    cohort = make.cohort(school)
    picture = _photo(Console()) if photos else None
    people = [_person(number, picture) for number in range(count)]
    batch = make.store(
        Batch(number="RD1", cohort_id=cohort.id, body_id=body.id, scheme="social", held_on=HELD, site="阜康考点")
    )
    clerk = make.account(Role.ASSESSMENT_CLERK, body)
    leader, decider = (_signed(batch, post, body) for post in (Post.LEADER, Post.DECIDER))
    learners = [Enrolment(cohort_id=cohort.id, person_id=person.id) for person in people]
    make.store(*learners)
    candidates = [
        Candidate(batch_id=batch.id, enrolment_id=learner.id, number=f"{100000 + learner.id}") for learner in learners
    ]
    make.store(*candidates)
    _run("UPDATE batches SET state = 'marking'")
    make.store(*[
        Mark(batch_id=batch.id, candidate_id=candidate.id, part=part, points=points, scorer_id=leader, account_id=clerk.id)
        for number, candidate in enumerate(candidates)
        for part, points in zip((Part.THEORY, Part.PRACTICE), points_of(number), strict=True)
    ])  # fmt: skip
    _run(
        "UPDATE batches SET state = 'decided', decided_by = :by, decided_at = '2025-08-10', basis = '本局设定', "
        "pass_theory = 60, pass_practice = 60",
        by=decider,
    )
    _run(
        "INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, created_at) "
        "SELECT c.batch_id, c.id, t.points, p.points, 'passed', :by, '2025-08-10' FROM candidates c "
        "JOIN marks t ON t.candidate_id = c.id AND t.part = 'theory' JOIN marks p ON p.candidate_id = c.id AND p.part = 'practice'",
        by=decider,
    )
    _run("UPDATE batches SET state = 'published', published_at = '2025-08-11'")
    init_keys(Console())
    officer = make.account(Role.BUREAU_OFFICER, make.KUNMING)
    enter_prefix(officer, body.id, "S000053000123", "云人社函〔2025〕1号", date(2025, 1, 1))
    db.session.expire_all()
    return make.account(Role.ISSUER, body), batch.id


def _signed(batch: Batch, post: Post, body: Organisation) -> int:
    """Appoint somebody who has nothing to declare; gives his person."""
    account = make.account(Role.EXAMINER, body)
    person_id = account.person_id
    assert person_id is not None
    said = {"account_id": account.id, "signed_on": HELD, "edition": 1, "text": "无"}
    make.store(Declaration(batch_id=batch.id, person_id=person_id, **said))
    make.store(BatchStaff(batch_id=batch.id, person_id=person_id, post=post, declared_on=HELD))
    return person_id


def sign_pdfs() -> None:
    """Have all brands' PDFs signed, by a certificate under a root made for it."""
    root, now = Signer.fresh().private_key, clock.now()
    keep_pdf_certificate(
        Console(), make_identity(root, make_authority(root, "root", now), "云南滇新职业技能评价中心", now)
    )
    _run("UPDATE brands SET signs_pdfs = :yes", yes=True)
    db.session.expire_all()


def name_of(number: int) -> str:
    """Make a name, as long as names are."""
    length = _LENGTHS[number * 37 % len(_LENGTHS)]
    given = "".join(GIVEN[number * step % len(GIVEN)] for step in range(5, 4 + length))
    surname = SURNAMES[number % len(SURNAMES)]
    return f"{surname}{given[:4]}·{given[5:]}" if length > 5 else surname + given


def points_of(number: int) -> tuple[int, int]:
    """Make marks that pass, in theory and practice."""
    return 60 + number % 41, 60 + number * 7 % 41


def _person(number: int, picture: int | None) -> Person:
    return make.person(name_of(number), photo_id=picture)


@operation("testing.photo", allow=CONSOLE)
def _photo(actor: Any) -> int:
    """Keep a photo of 600 x 800 points."""
    return files.keep(portrait(), "photo.jpg", "image/jpeg").id


def portrait() -> bytes:
    """Draw a photo as a telephone takes it indoors: a face before a plain wall, with the noise of its sensor."""
    picture = Image.new("RGB", (600, 800), (120, 160, 210))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 560, 540, 1100), fill=(40, 45, 70))
    draw.ellipse((170, 130, 430, 560), fill=(225, 185, 155))
    draw.pieslice((160, 100, 440, 480), 180, 360, fill=(35, 28, 25))
    for left in (235, 335):
        draw.ellipse((left, 300, left + 40, 320), fill=(50, 35, 30))
    noise = Image.effect_noise(picture.size, 12).convert("RGB")
    file = BytesIO()
    ImageChops.add(picture.filter(ImageFilter.GaussianBlur(3)), noise, 1, -128).save(file, "JPEG", quality=80)
    return file.getvalue()


def _run(statement: str, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)
