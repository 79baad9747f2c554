"""30 examiners on phones send 3,000 marks within a minute while another batch is decided and published, and the server is killed.

``python -m benchmarks.marking [sqlite | postgresql] [seconds]`` serves an installation by ``lbcert serve`` as it is, and lets 30
signed-in examiners, each on a connection kept open, send 100 marks each, spread evenly over the seconds (60): one a request, as
long as the server keeps up. A third of the way in, an officer decides and publishes the results of 300 others; half way the
server's processes get SIGKILL and are started again. Who got no answer rests for 5 to 15 seconds, as the phone's page does, and
then sends what has gathered, ten marks a request; the time of each is that of the request which carried it. At the end every
mark is looked for in the database. The peer is a bare Flask app by the same granian, asked by as many clients at the same pace,
that writes one row a request. Clients, server and database share the machine's processors; what else ran on them is printed
as the load before the run. PostgreSQL is the tests' own, with fsync off.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask, request
from sqlalchemy import func, select, text

from benchmarks.published import HELD, installation
from lbcert.cohorts.models import Enrolment
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.policy import PolicyEntry
from lbcert.exams.models import Batch, BatchStaff, Candidate, Declaration, Mark, Part, PartScheme, Post
from lbcert.parties.models import Account, Organisation, OrganisationKind
from lbcert.testing import factories as make
from lbcert.testing.databases import PostgreSQLDatabases
from lbcert.testing.fixtures import browser_of, migrate
from lbcert.testing.postgres import Server

EXAMINERS, EACH, OTHERS = 30, 100, 300
PARTS = (Part.THEORY, Part.PRACTICE)
#: Two examiners mark the same candidates, each both parts.
CANDIDATES = EXAMINERS // 2 * EACH // len(PARTS)
#: Marks in a request at most, and seconds for which a phone rests when nobody answers: as the phone's page has it.
MANY, RESTS = 10, (5.0, 15.0)
#: The peer is asked for so many seconds.
PEER_SECONDS = 15
_HERE = Path(__file__).parents[1]
_SEARCH = {"PYTHONPATH": os.pathsep.join([str(_HERE), str(_HERE / "plugins"), os.environ.get("PYTHONPATH", "")])}


# The installation


@dataclass
class Scene:
    """What the clients must know."""

    batch: int
    other: int
    #: A session's cookie of each examiner, and the numbers of the candidates that he marks.
    examiners: list[tuple[int, str, list[str]]]
    decider: str
    publisher: str


def prepare(app: Flask) -> Scene:
    """Make two batches: one to be marked by thirty, two for each candidate; and one that is marked and waits for its decision."""
    school = make.organisation()
    body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="云南滇新职业技能评价中心")
    policies = {"exams.pass_theory": "60", "exams.pass_practice": "60", "exams.separation_months": "24"}
    make.store(*(
        PolicyEntry(area_code=make.KUNMING, key=key, value=value, valid_from=date(2020, 1, 1), source="本局设定")
        for key, value in policies.items()
    ))  # fmt: skip
    batch, candidates = _batch("RD1", school, body, CANDIDATES)
    accounts = [_appointed(batch, Post.EXAMINER, body, Role.EXAMINER) for _ in range(EXAMINERS)]
    make.store(*(PartScheme(batch_id=batch.id, part=part, markers=2, tolerance=100) for part in PARTS))
    other, marked = _batch("RD2", school, body, OTHERS)
    leader = _appointed(other, Post.LEADER, body, Role.EXAMINER)
    decider = _appointed(other, Post.DECIDER, body, Role.RESULT_OFFICER)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE batches SET state = 'marking'"))
    make.store(*(
        Mark(batch_id=other.id, candidate_id=one.id, part=part, points=80, scorer_id=leader.person_id, account_id=leader.id)
        for one in marked for part in PARTS
    ))  # fmt: skip
    share = EACH // len(PARTS)
    numbers = [one.number for one in candidates]
    return Scene(
        batch.id, other.id,
        [(one.id, _cookie(app, one), numbers[at // 2 * share :][:share]) for at, one in enumerate(accounts)],
        _cookie(app, decider), _cookie(app, make.account(Role.ASSESSMENT_CLERK, body)),
    )  # fmt: skip


def _batch(number: str, school: Organisation, body: Organisation, count: int) -> tuple[Batch, list[Candidate]]:
    cohort = make.cohort(school)
    batch = make.store(
        Batch(number=number, cohort_id=cohort.id, body_id=body.id, scheme="social", held_on=HELD, site="阜康考点")
    )
    learners = [Enrolment(cohort_id=cohort.id, person_id=make.person().id) for _ in range(count)]
    make.store(*learners)
    candidates = [Candidate(batch_id=batch.id, enrolment_id=one.id, number=f"{100000 + one.id}") for one in learners]
    make.store(*candidates)
    return batch, candidates


def _appointed(batch: Batch, post: Post, body: Organisation, role: Role) -> Account:
    account = make.account(role, body)
    person_id = account.person_id
    assert person_id is not None
    said = {"account_id": account.id, "signed_on": HELD, "edition": 1, "text": "无"}
    make.store(Declaration(batch_id=batch.id, person_id=person_id, **said))
    make.store(BatchStaff(batch_id=batch.id, person_id=person_id, post=post, declared_on=HELD))
    return account


def _cookie(app: Flask, account: Account) -> str:
    cookie = browser_of(app, account).get_cookie("session")
    assert cookie is not None
    return cookie.value


# The clients


@dataclass
class Told:
    """How the requests of all clients went: seconds that an answer took, and requests that were sent again."""

    seconds: list[float] = field(default_factory=list)
    again: int = 0
    odd: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Give p50, p99 and the worst in milliseconds."""
        cuts = statistics.quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [0.0] * 99
        return f"p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms, worst {max(self.seconds) * 1000:.0f} ms"


class Client:
    """A browser with a session, on one connection that is opened anew when it breaks."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.headers = port, {"Cookie": f"session={cookie}", "Content-Type": "application/json"}
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Send a request and give the answer; raises ``OSError`` or ``HTTPException`` where there is none."""
        self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = json.dumps(body) if isinstance(body, dict) else body
            self.connection.request(method, path, sent, self.headers)
            answer = self.connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and value.startswith("session="):
                    self.headers["Cookie"] = value.split(";")[0]
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def insist(self, path: str, body: dict[str, Any], told: Told) -> bytes:
        """Send the same until it is answered; the time of an answer counts, waiting for a dead server does not."""
        while True:
            begun = time.perf_counter()
            try:
                status, answer = self.ask("POST", path, body)
            except (OSError, http.client.HTTPException):
                told.again += 1
                time.sleep(0.25)
                continue
            told.seconds.append(time.perf_counter() - begun)
            if status != 200:
                told.odd.append(f"{status} {answer[:200]!r}")
            return answer


def paced(count: int, seconds: float, begun: float, chance: random.Random) -> Iterator[int]:
    """Wait between so many things, so that they spread over the seconds; each examiner begins at another moment."""
    step = seconds / count
    offset = chance.uniform(0, step)
    for place in range(count):
        time.sleep(max(0.0, begun + offset + place * step - time.perf_counter()))
        yield place


def examine(client: Client, scene: Scene, account: int, numbers: list[str], seconds: float, told: Told) -> None:
    """Be one examiner's phone: get the sheets, then send each mark when its time has come, as ``marking/sending.js`` does."""
    path = f"/exams/phone/{scene.batch}"
    client.headers["X-CSRFToken"] = json.loads(client.ask("GET", f"{path}/sheets")[1])["token"]
    chance = random.Random(account)  # noqa: S311 (no secret)
    coming = [
        {
            "entry": str(uuid4()), "number": number, "part": part.value, "points": chance.randint(40, 99), "absence": None,
            "after": None, "reason": "",
        }
        for number in numbers for part in PARTS
    ]  # fmt: skip
    step = seconds / len(coming)
    coming_at, rests_until = time.perf_counter() + chance.uniform(0, step), 0.0
    waiting: list[dict[str, Any]] = []
    while coming or waiting:
        now = time.perf_counter()
        while coming and coming_at <= now:
            waiting.append(coming.pop(0))
            coming_at += step
        if not waiting or now < rests_until:
            moments = [coming_at] * bool(coming) + [rests_until] * bool(waiting)
            time.sleep(max(0.0, min(moments) - now))
            continue
        try:
            status, answer = client.ask("POST", f"{path}/marks", {"account": account, "entries": waiting[:MANY]})
        except (OSError, http.client.HTTPException):
            told.again += 1
            rests_until = time.perf_counter() + chance.uniform(*RESTS)
            continue
        took = time.perf_counter() - now
        answers = json.loads(answer)["answers"] if status == 200 else []
        told.odd += [str(each) for each in answers if each["state"] != "stored"] or [str(status)] * (status != 200)
        told.seconds += [took] * len(waiting[:MANY])
        del waiting[:MANY]


def publish(port: int, scene: Scene) -> str:
    """Decide the other batch and publish its results, by the pages; tell how long both took."""
    said = []
    for cookie, step in ((scene.decider, "decide"), (scene.publisher, "publish")):
        client = Client(port, cookie)
        client.headers["Content-Type"] = "application/x-www-form-urlencoded"
        page = client.ask("GET", f"/exams/{scene.other}/decide" if step == "decide" else f"/exams/{scene.other}")[1]
        token = page.split(b'name="csrf_token"', 1)[1].split(b'value="', 1)[1].split(b'"', 1)[0].decode()
        begun = time.perf_counter()
        status, _ = client.ask("POST", f"/exams/{scene.other}/{step}", f"csrf_token={token}")
        said.append(f"{step} {status} in {(time.perf_counter() - begun) * 1000:.0f} ms")
    return ", ".join(said)


# The servers


@contextmanager
def killable(command: list[str], port: int, environment: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Serve in a process group of its own; the list's last is the one that runs."""
    running = [_start(command, port, environment)]
    try:
        yield running
    finally:
        _kill(running[-1])


def kill_and_restart(
    running: list[subprocess.Popen[bytes]], command: list[str], port: int, environment: dict[str, str]
) -> None:
    """Kill all of the server's processes at once, as a power cut does, and start it again."""
    _kill(running[-1])
    running.append(_start(command, port, environment))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a group of processes, and wait until the last of them is gone."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    try:
        while True:
            os.killpg(process.pid, 0)
            time.sleep(0.01)
    except ProcessLookupError:
        return


def _start(command: list[str], port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command, env=os.environ | _SEARCH | environment, cwd=_HERE, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def bare() -> Flask:
    """Make an app that writes one row a request, in a transaction of its own, and nothing around it."""
    app = Flask("bare")
    address = os.environ["BARE_DATABASE"]
    local = threading.local()

    def connection() -> Any:
        if not hasattr(local, "connection"):
            is_file = address.startswith("/")
            local.connection = sqlite3.connect(address, timeout=15) if is_file else psycopg.connect(address)
        return local.connection

    @app.post("/marks")
    def marks() -> dict[str, str]:
        with connection() as there:
            there.execute(f"INSERT INTO bare (entry) VALUES ('{uuid_of(request.get_json())}')")  # noqa: S608 (our own)
            there.commit()
        return {"state": "stored"}

    return app


def uuid_of(body: dict[str, Any]) -> str:
    """Give the entry's id, and nothing but its letters and digits."""
    return "".join(letter for letter in str(body["entry"]) if letter.isalnum())[:36]


_BARE = (
    "import sys; from granian import Granian; from granian.constants import Interfaces; "
    "Granian('benchmarks.marking:bare', factory=True, interface=Interfaces.WSGI, address='127.0.0.1', port=int(sys.argv[1]), "
    "workers=1, blocking_threads=4, log_access=False, log_enabled=False).serve()"
)


# The run


def run(home: Path, url: str, seconds: float) -> None:
    """Let the examiners mark, publish the other batch, kill the server; then look for every mark."""
    environment = {"LBCERT_HOME": str(home)} | ({"LBCERT_DATABASE_URL": url} if url else {})
    with installation(home, url) as app:
        scene = prepare(app)
    port, told, lines = _free_port(), Told(), []
    command = [sys.executable, "-c", "from lbcert.cli import start; start()", "serve", "--port", str(port)]
    with killable(command, port, environment) as running:
        begun = time.perf_counter()
        threads = [
            threading.Thread(target=examine, args=(Client(port, cookie), scene, account, numbers, seconds, told))
            for account, cookie, numbers in scene.examiners
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds / 3)
        lines.append(publish(port, scene))
        time.sleep(max(0.0, begun + seconds / 2 - time.perf_counter()))
        down, before = time.perf_counter(), Told(list(told.seconds))
        kill_and_restart(running, command, port, environment)
        up = time.perf_counter() - down
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - begun
        lines.append(f"killed half way, answering again after {up:.1f} s, {told.again} requests went unanswered")
    with installation(home, url or f"sqlite:///{home / 'lbcert.db'}"):
        found = db.session.execute(
            select(func.count(), func.count(Mark.entry.distinct())).where(Mark.batch_id == scene.batch)
        ).one()
    stored, distinct = found
    wanted = EXAMINERS * EACH
    print(
        f"  {stored} marks stored in {taken:.1f} s; lost {wanted - distinct}, doubled {stored - distinct}, refused {len(told.odd)}"
    )
    print(f"  a mark until the kill: {before.line()}, over {len(before.seconds)} marks")
    after = Told(told.seconds[len(before.seconds) :])
    print(f"  a mark after it, with all that was caught up: {after.line()}, over {len(after.seconds)} marks")
    print(f"  a mark in all: {told.line()}, over {len(told.seconds)} marks")
    print("  " + "\n  ".join(lines))
    for odd in told.odd[:3]:
        print("  odd:", odd)


def peer(home: Path, url: str) -> None:
    """Ask the bare app at the same pace."""
    if url:
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
            connection.execute("CREATE TABLE bare (entry text)")
    else:
        with sqlite3.connect(home / "bare.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE bare (entry text)")
    address = url.replace("postgresql+psycopg", "postgresql") if url else str(home / "bare.db")
    port, told, count = _free_port(), Told(), EACH * PEER_SECONDS // 60

    def ask(place: int) -> None:
        client = Client(port)
        for _ in paced(count, PEER_SECONDS, time.perf_counter(), random.Random(place)):  # noqa: S311 (no secret)
            client.insist("/marks", {"entry": str(uuid4())}, told)

    command = [sys.executable, "-c", _BARE, str(port)]
    with killable(command, port, {"BARE_DATABASE": address}):
        threads = [threading.Thread(target=ask, args=(place,)) for place in range(EXAMINERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"  bare Flask, one row a request, {EXAMINERS} clients at the same pace: {told.line()}")


def main() -> None:
    """Measure on the database that is named, SQLite if none is."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    busy = f"{os.getloadavg()[0]:.1f} processes waiting for {os.cpu_count()} processors before"
    print(f"{EXAMINERS} examiners, {EACH} marks each, over {seconds:.0f} s, on {kind}; {busy}:")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if kind == "sqlite":
            run(home, "", seconds)
            peer(home, "")
            return
        server = Server()
        try:
            databases = PostgreSQLDatabases(server.folder, migrate)
            with databases.fresh() as url:
                run(home, url, seconds)
                peer(home, url)
            databases.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
