"""Issues 149 certificates from the click to the stored files, beside one-by-one WeasyPrint of the same papers.

``python -m benchmarks.issue`` prints seconds on the clock and of the processor, certificates a second, kB each and peak memory. Issuing is the whole way:
claims checked against their schema, glyphs, numbers, signatures, rows and audit log on SQLite, then the background job
that renders and stores each PDF, run in this process. The other way only draws: the same template, fonts, photo and QR,
one document after the other, as WeasyPrint's manual shows it. Each runs in a process of its own, one after the other.
"""

from __future__ import annotations

import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.render_certificates import COUNT, one_by_one, papers
from benchmarks.season import installation, published
from lbcert.certificates.models import Certificate
from lbcert.certificates.operations import issue_skill_certificates
from lbcert.core import jobs
from lbcert.core.database import db
from lbcert.core.files import StoredFile


def house() -> str:
    """Issue and print as lbcert does."""
    with tempfile.TemporaryDirectory() as home, installation(Path(home)):
        issuer, batch_id = published(COUNT)
        start, worked = time.perf_counter(), time.process_time()
        made = issue_skill_certificates(issuer, batch_id)
        issued = time.perf_counter()
        assert made.job is not None
        jobs.run(made.job.id)
        done = time.perf_counter()
        query = select(func.count(), func.sum(StoredFile.size)).join(Certificate, Certificate.file_id == StoredFile.id)
        count, size = db.session.execute(query).one()
        assert count == COUNT
        return f"{_line('issued', done - start, time.process_time() - worked, size)}; the transaction {issued - start:.2f} s, the printing {done - issued:.1f} s"


def plain() -> str:
    """Draw each by itself."""
    batch = papers()
    start, worked = time.perf_counter(), time.process_time()
    size = sum(map(len, one_by_one(batch)))
    return _line("only drawn, one by one", time.perf_counter() - start, time.process_time() - worked, size)


def _line(way: str, seconds: float, worked: float, size: int) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{way:22} {COUNT} certificates: {seconds:6.1f} s ({worked:.1f} s of processor), {COUNT / seconds:5.1f} a second, "
        f"{size / COUNT / 1000:5.1f} kB each, peak {peak} MB"
    )


def main() -> None:
    """Print a line for each way."""
    for way in (house, plain):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print(pool.submit(way).result())


if __name__ == "__main__":
    main()
