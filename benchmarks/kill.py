"""Kills the process that issues and prints a batch of 200, by SIGKILL at random moments, and examines what is left.

``python -m benchmarks.kill`` does so 50 times, 5 times a batch, on SQLite. After each kill, and once more when nothing is
left to do, counts, numbers, files, the certificates' log and the audit log are examined; the first thing that is wrong ends it.
Whatever else ends it, a signal from outside or a crash, says so too.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from benchmarks.published import installation, published
from lbcert.certificates.models import Certificate, LogLeaf
from lbcert.certificates.operations import issue_skill_certificates, printing
from lbcert.certificates.queries import log
from lbcert.core import audit, clock, jobs
from lbcert.core.database import db
from lbcert.core.jobs import ItemState, JobItem

COUNT = 200
KILLS = 5
BATCHES = 10
#: Certificates of an item here: many small items, of which a life prints some, and five lives never all.
CHUNK = 4
#: Before a kill at most so many items are waited for, and then so many seconds.
ITEMS, SOON = 2, 0.2


class Victim:
    """A process that issues what is not issued and prints what is not printed, as long as it lives."""

    def __init__(self, database: str, home: Path, issuer: int, batch: int, life: int, design: Path | None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.kill", "victim", database, home, str(issuer), str(batch), str(life), design or ""],
            stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip

    def line(self) -> str:
        """Wait for the next thing that it has done; empty when it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()

    def is_killed(self, within: float) -> bool:
        """Kill it after so many seconds; False when it had done all before."""
        try:
            return self.process.wait(within) < 0
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait() == -signal.SIGKILL

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def slaughter(database: str, home: Path, issuer: int, batch: int, chance: random.Random, design: Path | None = None) -> Iterator[str]:  # fmt: skip
    """Start a victim again and again, kill it five times, let the sixth live; tell after each what was found.

    The first is killed while it issues, each later one at a random moment after some more items were printed.
    """
    for life in range(KILLS + 1):
        victim = Victim(database, home, issuer, batch, life, design)
        try:
            assert victim.line() == "ready"
            if life < KILLS:
                for _ in range(chance.randint(0, ITEMS) if life else 0):
                    victim.line()
                assert victim.is_killed(chance.uniform(0, SOON)), "it had done all before it was killed"
            else:
                while victim.line():
                    pass
                assert victim.process.wait() == 0
        finally:
            victim.close()
        yield examine(is_done=life == KILLS)


def live(issuer: int, batch: int, life: int) -> None:
    """Be the victim. The clock of each life is past the time for which the one before held its items."""
    printing.CHUNK = CHUNK
    keep = jobs.WORKS["certificates.render"].keep

    def telling(*given: object) -> None:
        keep(*given)  # type: ignore[arg-type]
        print("kept", flush=True)

    jobs.work("certificates.render", jobs.WORKS["certificates.render"].compute, telling)
    with clock.at(clock.now() + life * 2 * jobs.LEASE + timedelta(seconds=life)):
        print("ready", flush=True)
        if not db.session.scalar(select(func.count()).select_from(Certificate)):
            issue_skill_certificates(current_app.extensions["lbcert.account"](issuer), batch)
            print("issued", flush=True)
        for job in jobs.unfinished():
            jobs.run(job)


def examine(*, is_done: bool) -> str:
    """Examine what stands in the database and the store; raises AssertionError for what is wrong."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.scalars(select(Certificate).order_by(Certificate.number)).all()
    assert len(rows) in ({COUNT} if is_done else {0, COUNT})
    assert len({row.person_id for row in rows}) == len(rows)
    serials = [int(row.number[-6:]) for row in rows]
    assert serials == list(range(serials[0], serials[0] + len(rows)) if rows else []), "a number was lost or doubled"
    printed = [row for row in rows if row.file is not None]
    for row in printed:
        assert row.file is not None
        data = row.file.read()
        assert sha256(data).hexdigest() == row.file.sha256
        assert data.startswith(b"%PDF-")
        assert data.rstrip().endswith(b"%%EOF")
    assert len({row.file_id for row in printed}) == len(printed)
    items = db.session.scalars(select(JobItem)).all()
    assert [key for item in items for key in json.loads(item.payload)] == [row.id for row in rows]
    done = {key for item in items if item.state is ItemState.DONE for key in json.loads(item.payload)}
    assert done == {row.id for row in printed}, "an item is done without its files, or the other way round"
    leaves = db.session.scalar(select(func.count()).where(LogLeaf.event == "issue"))
    assert leaves == len(rows)
    problems = log.inspect().problems
    assert not problems, [str(problem) for problem in problems]
    assert not audit.verify()[1]
    if is_done:
        assert len(printed) == COUNT
    return f"{len(rows)} issued, {len(printed)} printed"


def _end(number: int, _frame: object) -> None:
    """Say which signal ends it, and end the victim with it."""
    raise SystemExit(f"ended from outside: {signal.Signals(number).name}")


def _kill() -> None:
    """Kill 50 times and examine."""
    faulthandler.enable()
    chance = random.Random(20250820)  # noqa: S311 - a fixed seed, no secret
    begun = time.perf_counter()
    for number in range(BATCHES):
        with tempfile.TemporaryDirectory() as home, installation(Path(home)):
            issuer, batch = published(COUNT)
            for found in slaughter(f"sqlite:///{home}/lbcert.db", Path(home), issuer.id, batch, chance):
                print(f"batch {number + 1}: {found}", flush=True)
    print(f"{BATCHES * KILLS} kills, nothing lost, nothing twice: {time.perf_counter() - begun:.0f} s")


def main() -> None:
    """Have a process kill 50 times and say how it ended, be one that does, or one that is killed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    match sys.argv[1:]:
        case ["victim", database, home, issuer, batch, life, design]:
            if design:
                drawn = printing._drawn
                printing._drawn = lambda papers, _: drawn(papers, Path(design))
            with installation(Path(home), database):
                live(int(issuer), int(batch), int(life))
        case ["kill"]:
            _kill()
        case _:
            ended = subprocess.run([sys.executable, "-m", "benchmarks.kill", "kill"], check=False).returncode
            sys.exit(f"ended from outside: {signal.Signals(-ended).name}" if ended < 0 else ended)


if __name__ == "__main__":
    main()
