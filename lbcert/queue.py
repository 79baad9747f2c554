"""Huey: says when to run jobs. Its queue is a SQLite file, or Redis by ``LBCERT_REDIS_URL``."""

from __future__ import annotations

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab

from lbcert.config import Settings
from lbcert.core import jobs
from lbcert.core.database import db


def make_queue(app: Flask, settings: Settings) -> Huey:
    """Make the app's queue, with the one task that runs a job and the sweep that finds forgotten ones."""
    huey: Huey = (
        RedisHuey("lbcert", url=settings.redis_url)
        if settings.redis_url
        else SqliteHuey("lbcert", filename=str(settings.home / "queue.db"))
    )

    @huey.task()
    def run_job(job_id: int) -> None:
        with app.app_context():
            try:
                jobs.run(job_id, app.extensions["lbcert.ending"])
            finally:
                db.session.remove()

    @huey.periodic_task(crontab(minute="*"))
    def sweep() -> None:
        with app.app_context():
            for job_id in jobs.unfinished():
                run_job(job_id)
            jobs.look_round()
            db.session.remove()

    app.extensions["lbcert.queue"] = huey
    app.extensions["lbcert.ending"] = lambda: False  # the worker command knows better
    app.extensions["lbcert.wake"] = run_job
    return huey
