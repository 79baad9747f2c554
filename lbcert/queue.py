"""Huey: says when to run jobs. Its queue is a SQLite file, or Redis by ``LBCERT_REDIS_URL``."""

from __future__ import annotations

import sqlite3

from flask import Flask
from huey import Huey, RedisHuey, crontab
from huey.storage import SqliteStorage

from lbcert.config import Settings
from lbcert.core import jobs
from lbcert.core.database import db


class QueueFile(SqliteStorage):
    """The library's queue in a SQLite file, which is made when the first job is put in: many a command has none."""

    def initialize_schema(self) -> None:
        """Leave it until the file is opened."""

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        connection.execute(self.begin_sql)
        for statement in self.ddl:
            connection.execute(statement)
        connection.commit()
        return connection


def make_queue(app: Flask, settings: Settings) -> Huey:
    """Make the app's queue, with the one task that runs a job and the sweep that finds forgotten ones."""
    huey: Huey = (
        RedisHuey("lbcert", url=settings.redis_url)
        if settings.redis_url
        else Huey("lbcert", storage_class=QueueFile, filename=str(settings.home / "queue.db"))
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
