"""Asks for scanned certificates, as page and as JSON, each beside its peer of a bare Flask app.

``python -m benchmarks.public_page [sqlite] [postgresql] [COUNT …]`` prints requests a second and ratios for each database and
each number of stored certificates; by default for 100,000 on SQLite. All is served by the same granian in the same run, with the
processes and threads of ``lbcert serve``, each app in a server of its own, in turns of some seconds. The load comes from
loopback, from one more process: eight connections kept open, no pipelining, asking for 1,000 properly issued certificates in
turn; client, servers and database share the machine's processors. The other rows are copies under other numbers and digests, so
that the indexes are as large as they would be. No answer is kept for the next request: each is read and judged anew. PostgreSQL
is the tests' own, with fsync off (nothing is written).
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, text

from benchmarks.published import installation, published
from lbcert.certificates.models import Certificate
from lbcert.certificates.operations import issue_skill_certificates
from lbcert.certificates.token import base36
from lbcert.core.database import db
from lbcert.testing.databases import PostgreSQLDatabases
from lbcert.testing.fixtures import migrate
from lbcert.testing.postgres import Server

ISSUED = 1000
PAGE, JSON = "text/html", "application/json"
ROUNDS, SECONDS = 25, 0.8
_HERE = Path(__file__).parents[1]
_SERVE = (
    "import sys; from granian import Granian; from granian.constants import Interfaces; "
    "from lbcert.cli.serving import PROCESSES, THREADS; "
    "Granian(sys.argv[1], factory=True, interface=Interfaces.WSGI, address='127.0.0.1', port=int(sys.argv[2]), "
    "workers=PROCESSES, blocking_threads=THREADS, log_access=False, log_enabled=False).serve()"
)


def bare() -> Flask:
    """Make an app with a page of one sentence, a call that answers as much in JSON, and nothing around them."""
    app = Flask("bare")
    app.add_url_rule("/page", "page", lambda: "<!doctype html><title>bare</title><p>此证有效</p>")
    app.add_url_rule("/json", "json", lambda: {"outcome": "valid", "label": "有效"})
    return app


def store(count: int) -> list[str]:
    """Issue a thousand certificates, copy them up to ``count``, and give the paths of the issued."""
    issuer, batch_id = published(ISSUED, photos=False)
    made = issue_skill_certificates(issuer, batch_id).certificates
    paths = [f"/V/{base36.encode(certificate.token)}" for certificate in made]
    columns = [column.name for column in inspect(Certificate).columns if column.name != "id"]
    changed = {
        "number": "number || '-' || n", "cti": "'z' || substr('00' || n, -3) || substr(cti, 5)",
        "token_digest": "'z' || substr('00' || n, -3) || substr(token_digest, 5)", "status_list": "status_list + n", "type": "'title'",
        "ground": "'award'", "result_id": "NULL", "award_ref": "'copy:' || n || ':' || id", "job_id": "NULL",
    }  # fmt: skip
    if db.engine.dialect.name == "postgresql":
        changed = {
            name: value.replace("'z' || substr('00' || n, -3)", "'z' || lpad(CAST(n AS text), 3, '0')")
            for name, value in changed.items()
        }
    chosen = ", ".join(changed.get(name, name) for name in columns)
    numbers = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :copies)"
    source = f"SELECT {chosen} FROM certificates, copies WHERE ground = 'result'"  # noqa: S608 (our own columns)
    into = f"INSERT INTO certificates ({', '.join(columns)})"
    first, second = (numbers, into) if db.engine.dialect.name == "postgresql" else (into, numbers)
    with db.engine.begin() as connection:
        connection.execute(text(f"{first} {second} {source}"), {"copies": count // ISSUED - 1})
        connection.execute(
            text(
                "INSERT INTO status_changes (certificate_id, status, reason, detail, authority, created_at) SELECT c.id, 'valid', 'issued', "
                "'', 'x', c.created_at FROM certificates c WHERE c.ground = 'award'"
            )
        )
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM certificates")).scalar() == count
    return paths


@contextmanager
def served(factory: str, environment: dict[str, str]) -> Iterator[str]:
    """Serve an app by granian in a process of its own, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    search = {"PYTHONPATH": f"{_HERE}:{_HERE / 'plugins'}"}
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVE, factory, str(port)], env=os.environ | search | environment, cwd=_HERE
    )
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def asked(address: str, paths: list[str], media_type: str) -> float:
    """Load an address from a process of its own, and give its requests a second."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", address, str(SECONDS), media_type],
        input="\n".join(paths), capture_output=True, text=True, check=True, cwd=_HERE,
    )  # fmt: skip
    return float(done.stdout)


@contextmanager
def stored(kind: str, count: int, home: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Give the environment of an installation with so many certificates stored, and the paths to ask for."""
    if kind == "sqlite":
        with installation(home):
            paths = store(count)
        yield {"LBCERT_HOME": str(home)}, paths
        return
    server = Server()
    try:
        databases = PostgreSQLDatabases(server.folder, migrate)
        with databases.fresh() as url:
            with installation(home, url):
                paths = store(count)
            yield {"LBCERT_HOME": str(home), "LBCERT_DATABASE_URL": url}, paths
        databases.close()
    finally:
        server.stop()


def measure(kind: str, count: int) -> None:
    """Print the medians of both apps for page and JSON, and their ratio."""
    with (
        tempfile.TemporaryDirectory() as home,
        stored(kind, count, Path(home)) as (environment, paths),
        served("benchmarks.public_page:bare", {}) as plain,
        served("lbcert.app:create_app", environment) as house,
    ):
        for what, media_type, peer in (("page", PAGE, "/page"), ("JSON", JSON, "/json")):
            asked(house, paths, media_type)  # once unmeasured, so that both are warm
            rounds = [(asked(house, paths, media_type), asked(plain, [peer], media_type)) for _ in range(ROUNDS)]
            mine, other = (statistics.median(values) for values in zip(*rounds, strict=True))
            ratios = [ours / others for ours, others in rounds]
            print(
                f"{kind}, {count:,} certificates: {what} {mine:,.0f} requests a second, bare Flask {what} {other:,.0f}, "
                f"ratio {statistics.median(ratios):.2f} (of {min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds)",
                flush=True,
            )


def main() -> None:
    """Print how the load is made, and what was measured."""
    print(__doc__)
    counts = [int(word) for word in sys.argv[1:] if word.isdigit()]
    for kind in [word for word in sys.argv[1:] if not word.isdigit()] or ["sqlite"]:
        for count in counts or [100_000]:
            measure(kind, count)


if __name__ == "__main__":
    main()
