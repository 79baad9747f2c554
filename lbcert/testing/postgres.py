"""A PostgreSQL server of the test run's own: no port, no password, no trace once the run is over."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

#: seconds that the server may take to accept its first connection, on a busy machine
PATIENCE = 60

#: Reached by its socket alone; a test's data need not outlive a power cut.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class Server:
    """A server in a folder of its own, whose ``folder`` is all that another process needs to reach it.

    PostgreSQL refuses to run as root: there it runs as ``postgres`` or, where that account is missing, as ``nobody``.
    The kernel ends it when the process that started it is killed.
    """

    def __init__(self) -> None:
        account = _account()
        #: holds the socket, whose path may have 107 characters at most
        self.folder = Path(tempfile.mkdtemp(prefix="lbcert-pg-", dir=place(1 << 30)))
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._prefix = ["setpriv", "--pdeathsig=QUIT"]
        if os.geteuid() == 0:
            self._prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        programs, data, log = _programs(), self.folder / "data", self.folder / "log"
        initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", "lbcert", "-A", "trust"]
        initdb += ["--encoding=UTF8", "--locale=C", "--no-sync"]
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        server: list[str | Path] = [
            programs / "postgres",
            "-D",
            data,
            *[f"--{name}={value}" for name, value in settings.items()],
        ]
        with log.open("wb") as output:
            subprocess.run([*self._prefix, *initdb], stdout=output, stderr=output, cwd="/", check=True)
            # A session of its own: Ctrl-C reaches the test run alone, which then stops the server.
            process = subprocess.Popen(
                [*self._prefix, *server], stdout=output, stderr=output, cwd="/", start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            try:
                connect(self.folder).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return process
        process.kill()
        process.wait()
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")

    def stop(self) -> None:
        """End the server, whoever is still connected, and remove its files."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        shutil.rmtree(self.folder)


def connect(folder: Path, database: str = "postgres") -> psycopg.Connection:
    """Connect to ``database`` on the server in ``folder``; each statement is its own transaction."""
    return psycopg.connect(host=str(folder), user="lbcert", dbname=database, autocommit=True)


def url(folder: Path, database: str) -> str:
    """Give the address of ``database`` on the server in ``folder``, as ``LBCERT_DATABASE_URL`` takes it."""
    return f"postgresql+psycopg://lbcert@/{database}?host={folder}"


def _account() -> pwd.struct_passwd:
    """Tell as whom the server runs: as the caller, unless that is root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def place(room: int) -> str:
    """Choose memory where it has room for so many bytes: ext4 takes 0.5 s for a test's 330 files where as many were just deleted."""
    roomy = Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > room
    return "/dev/shm" if roomy else "/tmp"


def _programs() -> Path:
    """Find the folder of ``initdb`` and ``postgres``: Debian keeps the newest version's last, off the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("Tests need PostgreSQL: apt-get install postgresql")
    return found[-1].parent
