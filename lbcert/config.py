"""Settings from ``LBCERT_*`` variables; every default runs embedded: SQLite, local files, local jobs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Flags are on with one of these values.
_ON = frozenset({"1", "true", "yes", "on"})


class LostKeyError(ValueError):
    """The data key is gone, and what it encrypted is still there."""


@dataclass(frozen=True)
class Settings:
    """What differs between one installation and another.

    Secrets that no variable names are made once and kept in ``home``, readable by the owner alone.
    """

    #: Holds the database, files, keys and job queue of an embedded installation.
    home: Path
    database_url: str
    #: Where certificates are checked; its host is printed in every QR. https, save for localhost.
    public_url: str
    #: Empty: jobs queue in a SQLite file under ``home``.
    redis_url: str
    #: Signs sessions and forms.
    secret_key: str = field(repr=False)
    #: Encrypts ID numbers, phones and bank accounts at rest; losing it loses them.
    data_key: bytes = field(repr=False)
    #: Says 演示 on each page and paper.
    demo: bool
    #: Officers and issuers sign in with a second factor; only the demo may switch it off, and says so on every page.
    second_factor: bool
    #: The largest upload in bytes.
    upload_limit: int
    #: Proxies in front, whose word on the visitor's address is taken.
    trusted_proxies: int = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings, making ``home`` and the missing secrets.

        Raises ``ValueError`` naming the variable when one cannot be used.
        """
        env = os.environ if environment is None else environment
        home = Path(env.get("LBCERT_HOME") or "var").resolve()
        home.mkdir(parents=True, exist_ok=True)
        port = env.get("PORT") or "8000"
        upload = _whole(env, "LBCERT_UPLOAD_LIMIT_MB", "20", "whole megabytes, such as 20")
        proxies = _whole(env, "LBCERT_TRUSTED_PROXIES", "0", "how many proxies are in front, such as 1")
        demo = env.get("LBCERT_DEMO", "").lower() in _ON
        second_factor = env.get("LBCERT_SECOND_FACTOR", "1").lower() in _ON
        if not second_factor and not demo:
            raise ValueError("LBCERT_SECOND_FACTOR may be switched off only together with LBCERT_DEMO=1")
        return cls(
            home=home,
            database_url=env.get("LBCERT_DATABASE_URL") or f"sqlite:///{home / 'lbcert.db'}",
            public_url=(env.get("LBCERT_PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
            redis_url=env.get("LBCERT_REDIS_URL", ""),
            secret_key=env.get("LBCERT_SECRET_KEY") or kept_secret(home / "secret.key"),
            data_key=bytes.fromhex(env.get("LBCERT_DATA_KEY") or _kept_data_key(home)),
            demo=demo,
            second_factor=second_factor,
            upload_limit=upload * 1024 * 1024,
            trusted_proxies=proxies,
        )


def _kept_data_key(home: Path) -> str:
    """Give the key that rests in ``home``; a new one is made for a new database alone, for it reads no other."""
    path, database = home / "data.key", home / "lbcert.db"
    if database.exists() and not path.exists():
        raise LostKeyError(f"{path} is missing, and no new key reads {database}: put the kept copy back")
    return kept_secret(path)


def _whole(env: Mapping[str, str], name: str, default: str, wanted: str) -> int:
    text = env.get(name) or default
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} is {text!r}; give {wanted}")
    return int(text)


def kept_secret(path: Path) -> str:
    """Give the 32 random bytes kept in ``path`` as hex, making the file at first use.

    Two processes starting together agree: the file is created exclusively, and the loser reads the winner's.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_hex(32)
        file.write(secret)
    return secret
