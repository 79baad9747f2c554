"""Backup and restore: the database as it is at one moment, the files, and the keys, in one archive."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import URL, create_engine, inspect
from sqlalchemy.engine import make_url

from lbcert.cli.base import settings_in_use
from lbcert.cli.words import echo, failure
from lbcert.config import Settings
from lbcert.core.words import say

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "lbcert.db", "postgresql": "lbcert.pgdump"}
KEYS = ("secret.key", "data.key")
#: The names of all that a backup holds.
_MEMBERS = re.compile(
    "|".join(map(re.escape, (MANIFEST, *DATABASE.values(), *KEYS))) + "|files/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}"
)


@click.command()
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
def backup(archive: Path) -> None:
    """Write ARCHIVE (.tar.gz), readable by its owner alone: it holds the keys. Work may go on meanwhile."""
    settings = settings_in_use()
    if archive.exists():
        raise failure(say("{file} 已存在；备份从不覆盖旧文件，请换一个文件名", file=str(archive)))
    draft = archive.with_name(f"{archive.name}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
                count = _write(tar, settings)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(archive)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    size = f"{archive.stat().st_size / 1e6:.1f}"
    echo(say("已备份到 {file}：数据库和 {count} 个文件，{size} MB", file=str(archive), count=count, size=size))
    echo(say("其中有解密用的密钥，请妥善保管"))


def _write(tar: tarfile.TarFile, settings: Settings) -> int:
    """Snapshot the database first: whatever file it names is there already, since files are never changed."""
    url = make_url(settings.database_url)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix=".backup-") as folder:
        snapshot = Path(folder) / DATABASE[url.get_backend_name()]
        _dump(url, snapshot)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": snapshot.name,
            "sha256": _digest(snapshot),
        }
        _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
        tar.add(snapshot, snapshot.name)
    _add(tar, "secret.key", settings.secret_key.encode())
    _add(tar, "data.key", settings.data_key.hex().encode())
    stored = sorted(path for path in (settings.home / "files").glob("??/??/*") if len(path.name) == 64)  # noqa: PLR2004 (hex of SHA-256)
    for path in stored:
        tar.add(path, path.relative_to(settings.home))
    return len(stored)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(datetime.now(UTC).timestamp())
    tar.addfile(entry, io.BytesIO(content))


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(archive: Path) -> None:
    """Put ARCHIVE into an empty LBCERT_HOME (and an empty LBCERT_DATABASE_URL), everything or nothing."""
    home = Path(os.environ.get("LBCERT_HOME") or "var").resolve()
    if home.exists() and any(home.iterdir()):
        raise failure(say("{home} 不是空目录；只恢复到空目录，请另设 LBCERT_HOME", home=str(home)))
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{home.name}-restoring-") as folder:
        draft = Path(folder) / "home"
        manifest = _unpack(archive, draft)
        _put_database(draft, manifest, home)
        if home.exists():
            home.rmdir()
        draft.rename(home)
    echo(say("已恢复到 {home}（备份于 {at}）", home=str(home), at=manifest["made_at"]))
    echo(say("接着运行 lbcert db upgrade、lbcert doctor 和 lbcert audit verify"))


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive and check every part against its digest."""
    folder.mkdir(mode=0o700)
    with _readable(archive), tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            _unpack_one(tar, member, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    database = folder / str(manifest.get("database"))
    if manifest.get("format") != FORMAT or database.name not in DATABASE.values():
        message = say(
            "{file} 不是这一版本能读的备份（格式 {format}）", file=str(archive), format=manifest.get("format")
        )
        raise failure(message)
    broken = [path for path in (folder / "files").glob("??/??/*") if _digest(path) != path.name]
    if broken or _digest(database) != manifest["sha256"]:
        message = say("{file} 已损坏：数据库或 {count} 个文件与校验值不符", file=str(archive), count=len(broken))
        raise failure(message)
    for name in KEYS:
        (folder / name).chmod(0o600)
        variable = f"LBCERT_{name.removesuffix('.key').upper()}_KEY"
        given = os.environ.get(variable)
        if given and given.strip() != (folder / name).read_text(encoding="ascii").strip():
            raise failure(say("{variable} 与备份中的密钥不同，恢复后无法解密；请取消这一变量", variable=variable))
    (folder / MANIFEST).unlink()
    return manifest


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one file of a backup, readable by its owner alone; whatever no backup has makes the archive unreadable.

    Python's own filter against names that lead out of the folder is not in Debian 12's 3.11.2.
    """
    if member.isdir():  # of an archive that somebody unpacked and packed again
        return
    content = tar.extractfile(member) if member.isreg() and _MEMBERS.fullmatch(member.name) else None
    if content is None:
        raise ValueError(member.name)
    place = folder / member.name
    place.parent.mkdir(parents=True, exist_ok=True)
    with content, os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file)


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise failure(say("{file} 不是完整的 lbcert 备份：{error}", file=str(archive), error=str(error))) from error


def _put_database(draft: Path, manifest: dict[str, Any], home: Path) -> None:
    """Leave SQLite's file where it lies, or load PostgreSQL's dump into the empty database that is set."""
    target = make_url(os.environ.get("LBCERT_DATABASE_URL") or f"sqlite:///{home / DATABASE['sqlite']}")
    kind = target.get_backend_name()
    if DATABASE.get(kind) != manifest["database"]:
        message = say("备份里是 {kept}，LBCERT_DATABASE_URL 却指向 {kind}", kept=manifest["database"], kind=kind)
        raise failure(message)
    snapshot = draft / manifest["database"]
    if kind == "postgresql":
        engine = create_engine(target)
        try:
            if inspect(engine).get_table_names():
                raise failure(say("目标数据库里已有数据表；只恢复到空数据库"))
        finally:
            engine.dispose()
        _run("pg_restore", target, "--exit-on-error", "--no-owner", "--single-transaction", snapshot)
        snapshot.unlink()
    elif target.database != str(home / DATABASE["sqlite"]):
        place = Path(target.database or "")
        if place.exists():
            raise failure(say("{file} 已存在；只恢复到空处", file=str(place)))
        shutil.move(snapshot, place)


def _dump(url: URL, target: Path) -> None:
    if url.get_backend_name() == "postgresql":
        _run("pg_dump", url, "--format=custom", "--no-owner", "--file", target)
        return
    with closing(sqlite3.connect(url.database or "")) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _run(program: str, url: URL, *options: str | Path) -> None:
    """Run one of PostgreSQL's own programs on a database; its password goes where no process list shows it."""
    found = shutil.which(program)
    if found is None:
        raise failure(say("没有 {program}：apt-get install postgresql-client", program=program))
    address = url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    done = subprocess.run(  # noqa: S603 (PostgreSQL's own programs)
        [found, f"--dbname={address}", *options], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise failure(say("{program} 失败：{error}", program=program, error=done.stderr.strip()))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
