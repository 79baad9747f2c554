"""Issues 1,000 certificates from the click to the stored files, beside one-by-one WeasyPrint of the same papers.

``python -m benchmarks.issue [COUNT …]`` prints, for each count (1,000 where none is given), seconds on the clock and of the
processors, certificates a second, kB each and the largest process of the worker. Issuing is the whole way: claims checked
against their schema, glyphs, numbers, signatures, rows and audit log on SQLite, then ``lbcert worker`` with two processes,
from its start, which renders and stores each PDF with its attachments; then the same with an electronic signature in each
PDF. The other way only draws, in one process, a tenth of them, 149 at most (each takes the same time): the same template,
fonts, photo and QR, one document after the other, as WeasyPrint's manual shows it. Where others use the machine too, the clock
says little: the last line counts seconds of a processor, the worker's start among ours, of which two processors give two.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.published import installation, published, sign_pdfs
from benchmarks.render_certificates import one_by_one, papers
from lbcert.certificates.models import Certificate
from lbcert.certificates.operations import issue_skill_certificates
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.core.jobs import Job

COUNT = 1000


def house(count: int, *, signed: bool = False) -> tuple[str, float, float]:
    """Issue and print as lbcert does; a line about it, certificates printed a second, and a second of a processor."""
    with tempfile.TemporaryDirectory() as home, installation(Path(home)):
        issuer, batch_id = published(count)
        if signed:
            sign_pdfs()
        start = time.perf_counter()
        made = issue_skill_certificates(issuer, batch_id)
        issued = time.perf_counter()
        assert made.job is not None
        peak = _print(Path(home), made.job.id)
        done = time.perf_counter()
        query = select(func.count(), func.sum(StoredFile.size)).join(Certificate, Certificate.file_id == StoredFile.id)
        printed, size = db.session.execute(query).one()
        assert printed == count
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = used.ru_utime + used.ru_stime
        way = "issued, PDFs signed" if signed else "issued"
        line = _line(way, count, done - start, processor, peak, size)
        line += f"; the transaction {issued - start:.1f} s, the printing {done - issued:.1f} s"
        return line, count / (done - issued), count / processor


def house_signed(count: int) -> tuple[str, float, float]:
    """Do the same for a brand that has its PDFs signed (PAdES)."""
    return house(count, signed=True)


def _print(home: Path, job: int) -> int:
    """Have a worker of two processes print, as `lbcert worker` does, until all is done; the peak of the largest, in kB."""
    words = [sys.executable, "-c", "from lbcert.cli import start; start()", "worker", "--processes", "2"]
    settings = {
        "LBCERT_HOME": str(home),
        "LBCERT_DATABASE_URL": f"sqlite:///{home}/lbcert.db",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    peak = 0
    with subprocess.Popen(words, env=os.environ | settings) as worker:
        while True:
            db.session.rollback()
            peak = max(peak, *map(_peak, _family(worker.pid)))
            if db.session.get_one(Job, job).is_finished:
                break
            time.sleep(0.2)
        worker.terminate()
    return peak


def _family(pid: int) -> list[int]:
    """Give a process and those that it started."""
    started = "".join(each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/children"))
    return [pid, *map(int, started.split())]


def _peak(pid: int) -> int:
    """Read the most memory that a process had, in kB. What ``getrusage`` tells of a child is that of who started it, where that had more."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def plain(count: int) -> tuple[str, float, float]:
    """Draw each by itself."""
    batch = papers()[:count]
    start, used = time.perf_counter(), time.process_time()
    size = sum(map(len, one_by_one(batch)))
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = _line("only drawn, one by one", len(batch), seconds, processor, peak, size)
    return line, len(batch) / seconds, len(batch) / processor


def _line(way: str, count: int, seconds: float, processor: float, peak: int, size: int) -> str:
    return (
        f"{way:22} {count} certificates: {seconds:6.1f} s ({processor:.1f} s of processor), "
        f"{count / seconds:5.1f} a second, {size / count / 1000:5.1f} kB each, peak {peak // 1024} MB a process"
    )


def main() -> None:
    """Print a line for each way, and how many times as many the house prints."""
    for count in [int(word) for word in sys.argv[1:]] or [COUNT]:
        _compare(count)


def _compare(count: int) -> None:
    rates = []
    for way, many in ((house, count), (house_signed, count), (plain, max(count // 10, 10))):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            line, *rate = pool.submit(way, many).result()
        print(line, f"load {os.getloadavg()[0]:.1f}", sep="; ", flush=True)
        rates.append(rate)
    for by, (unsigned, signed, one) in zip(
        ("the clock", "seconds of a processor"), zip(*rates, strict=True), strict=True
    ):
        print(
            f"printed and stored, by {by}, {unsigned / one:.1f} times as fast as drawn one by one, "
            f"{signed / one:.1f} times with a signature in each",
            flush=True,
        )


if __name__ == "__main__":
    main()
