"""The two processes of an installation: pages, and background work."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lbcert.cli.words import failure
from lbcert.core.words import say

if TYPE_CHECKING:
    from flask import Flask

#: Processes and their threads: threads of one process take turns, so a page that very many ask for wants a process for each
#: core, and with two threads nobody waits for somebody's long export.
PROCESSES, THREADS = os.cpu_count() or 1, 2
#: Seconds after which a thread that works lets another begin. With Python's 5 ms a request of some twenty questions to the
#: database, beside one that works for a second, waits for 5 ms after each answer.
TURN = 0.0005


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0 to serve other machines")
@click.option("--port", type=int, envvar="PORT", default=8000, show_default=True)
@click.option("--workers", type=int, default=PROCESSES, help="processes, as many as the machine has cores, if not said")
@click.option("--cert", type=click.Path(exists=True, path_type=Path), help="certificate chain, PEM")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="its private key, PEM")
def serve(address: str, port: int, workers: int, cert: Path | None, key: Path | None) -> None:
    """Serve the pages and the API."""
    _refuse_taken(address, port)
    import_module("lbcert.app")  # once for all: the processes that serve are forked from this one
    import_module("sqlalchemy.orm").configure_mappers()  # or the first request of each does it
    granian = import_module("granian")
    granian.Granian(
        "lbcert.cli.serving:pages",
        factory=True,
        interface="wsgi",
        address=address,
        port=port,
        workers=workers,
        blocking_threads=THREADS,
        log_access=False,  # a path may be a certificate's code
        ssl_cert=cert,
        ssl_key=key,
    ).serve()


def _refuse_taken(address: str, port: int) -> None:
    """Stop where another program has the port: granian's processes would share it, and each visitor get the one or the other."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what an ended server left behind is no server
        try:
            trial.bind((address, port))
        except OSError as error:
            message = say(
                "不能在 {address} 的端口 {port} 上服务：{error}；请换一个端口", address=address, port=port, error=error
            )
            raise failure(message) from error


def pages() -> Flask:
    """Make the app in a process that serves it.

    What is loaded by then is never garbage: to go over it took 0.2 s each time, in the middle of somebody's request. Until it
    serves, a signal to end ends it: the handler that it has from the process before it would only take note, and both would wait forever.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_DFL)
    sys.setswitchinterval(TURN)
    gc.disable()
    app: Flask = import_module("lbcert.app").create_app()
    gc.collect()
    gc.freeze()
    gc.enable()
    return app


@click.command()
@click.option("--processes", type=int, default=PROCESSES, help="as many as the machine has cores, if not said")
def worker(processes: int) -> None:
    """Work off background jobs until told to end; several processes share one job."""
    app = import_module("lbcert.app").create_app()
    with app.app_context():
        import_module("lbcert.core.database").db.engine.dispose()  # a process opens connections of its own
    queue = app.extensions["lbcert.queue"]
    gc.freeze()  # what is loaded now is never garbage
    consumer = queue.create_consumer(workers=processes, worker_type="process", graceful_signal="TERM")
    app.extensions["lbcert.ending"] = consumer.stop_flag.is_set
    consumer.run()
