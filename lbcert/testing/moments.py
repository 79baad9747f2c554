"""A SQLite database that goes back to what it was at moments of its past, when anything was written since."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from lbcert.core.database import db


class Moments:
    """The moments of the running app's database, each a copy beside the file."""

    def __init__(self) -> None:
        self._file = Path(str(db.engine.url.database))
        self._numbers = itertools.count(1)
        self._last: Path | None = None
        self._trace: list[tuple[int, int]] = []

    def keep(self) -> Path:
        """Give this moment, to which one can go back: the last one, if nothing was written since."""
        db.session.rollback()
        if self._last is None or self.is_written_to():
            moment = self._file.with_name(f"{self._file.name}.{next(self._numbers)}")
            self._settle()
            shutil.copyfile(self._file, moment)
            self._arrive(moment)
        assert self._last is not None
        return self._last

    def go_back(self, moment: Path) -> None:
        """Put the database back as it was; what the session knows of it is read anew."""
        db.session.rollback()
        if moment != self._last or self.is_written_to():
            self._settle()
            shutil.copyfile(moment, self._file)
            self._arrive(moment)

    def is_written_to(self) -> bool:
        """Tell whether anything was committed since the last moment, by what a commit changes of the files."""
        return self._trace != self._traced()

    def _arrive(self, moment: Path) -> None:
        self._last, self._trace = moment, self._traced()

    def _traced(self) -> list[tuple[int, int]]:
        stats = [path.stat() for path in (self._file, self._log) if path.exists()]
        return [(stat.st_size, stat.st_mtime_ns) for stat in stats if stat.st_size]

    @property
    def _log(self) -> Path:
        return self._file.with_name(f"{self._file.name}-wal")

    @staticmethod
    def _settle() -> None:
        """Close the last connection, with which the write-ahead log goes into the file."""
        db.engine.dispose()
