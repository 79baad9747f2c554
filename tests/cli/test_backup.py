"""What was backed up is there again, on both databases; what cannot be restored whole is not restored at all."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from lbcert.core import files
from lbcert.core.access import CONSOLE, Console
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.core.operation import operation
from lbcert.parties.models import Person
from lbcert.testing import factories
from lbcert.testing.fixtures import running
from tests.cli.conftest import Shell


@operation("testing.keep", allow=CONSOLE)
def keep(actor, content):
    return files.keep(content, "成绩单.pdf", "application/pdf")


@pytest.fixture
def archive(app, lbcert, tmp_path):
    """Back up one person and one file."""
    factories.person("李㛃", phone="13800000001")
    keep(Console(), b"%PDF-1.7 paper")
    db.session.rollback()
    made = lbcert("backup", tmp_path / "kept.tar.gz")
    assert made.exit_code == 0, made.output
    return tmp_path / "kept.tar.gz"


@pytest.fixture
def elsewhere(request, tmp_path, database):
    """Give the environment of an empty installation on a database of the same kind."""
    home = {"LBCERT_HOME": str(tmp_path / "elsewhere")}
    if database.startswith("sqlite"):
        yield home
        return
    with request.getfixturevalue("postgresql_databases").fresh() as url:
        execute(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        yield home | {"LBCERT_DATABASE_URL": url}


def execute(url, *statements):
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@contextmanager
def opened(environment):
    home = Path(environment["LBCERT_HOME"])
    url = environment.get("LBCERT_DATABASE_URL") or f"sqlite:///{home / 'lbcert.db'}"
    with running(url, home):
        yield


def test_people_files_and_keys_are_there_again(archive, elsewhere):
    done = Shell(**elsewhere)("restore", archive)
    assert done.exit_code == 0, done.output
    with opened(elsewhere):
        person = db.session.scalar(select(Person))
        assert (person.name, person.phone) == ("李㛃", "13800000001")
        assert db.session.scalar(select(StoredFile)).read() == b"%PDF-1.7 paper"
    assert (Path(elsewhere["LBCERT_HOME"]) / "data.key").stat().st_mode & 0o077 == 0


def test_only_its_owner_can_read_the_archive(archive):
    assert archive.stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites(archive, lbcert):
    before = archive.read_bytes()
    again = lbcert("backup", archive)
    assert again.exit_code == 1
    assert "已存在" in again.output
    assert archive.read_bytes() == before


def test_a_home_that_is_not_empty_is_left_alone(archive, elsewhere):
    home = Path(elsewhere["LBCERT_HOME"])
    home.mkdir()
    (home / "notes.txt").write_text("typed")
    refused = Shell(**elsewhere)("restore", archive)
    assert refused.exit_code == 1
    assert "不是空目录" in refused.output
    assert [path.name for path in home.iterdir()] == ["notes.txt"]


def test_a_database_that_is_not_empty_is_left_alone(archive, elsewhere, database):
    if database.startswith("sqlite"):
        place = Path(elsewhere["LBCERT_HOME"]).with_suffix(".db")
        place.write_bytes(b"typed")
        elsewhere |= {"LBCERT_DATABASE_URL": f"sqlite:///{place}"}
    else:
        execute(elsewhere["LBCERT_DATABASE_URL"], "CREATE TABLE typed (id integer)")
    refused = Shell(**elsewhere)("restore", archive)
    assert refused.exit_code == 1
    assert "空" in refused.output
    assert not Path(elsewhere["LBCERT_HOME"]).exists()


@pytest.mark.parametrize("harm", ["cut short", "a changed file", "a name that leads out", "no archive"])
def test_a_damaged_archive_restores_nothing(archive, elsewhere, tmp_path, harm):
    damaged = tmp_path / "damaged.tar.gz"
    if harm.startswith("a "):
        repack(archive, damaged, tmp_path / "unpacked", leads_out="out" in harm)
    else:
        damaged.write_bytes(archive.read_bytes()[:500] if harm == "cut short" else b"something else")
    refused = Shell(**elsewhere)("restore", damaged)
    assert refused.exit_code == 1
    assert "已损坏" in refused.output or "不是完整的" in refused.output
    assert not Path(elsewhere["LBCERT_HOME"]).exists()
    assert not list(tmp_path.glob(".elsewhere-*"))


def repack(archive, damaged, folder, *, leads_out):
    """Put another file's bytes under a digest, or a file beside the folder of the backup."""
    folder.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)  # noqa: S607 (Debian's)
    (changed,) = (folder / "files").glob("??/??/*")
    if not leads_out:
        changed.write_bytes(b"%PDF-1.7 forged")
    with tarfile.open(damaged, "w:gz") as tar:
        if leads_out:
            tar.add(changed, "../.elsewhere-evil")
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    shutil.rmtree(folder)


def test_keys_of_another_installation_in_the_environment_are_refused(archive, elsewhere):
    refused = Shell(**elsewhere)("restore", archive, LBCERT_DATA_KEY="00" * 32)
    assert refused.exit_code == 1
    assert "LBCERT_DATA_KEY" in refused.output
    assert not Path(elsewhere["LBCERT_HOME"]).exists()
