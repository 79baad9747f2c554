"""What a command says, in the language of the shell: ``LBCERT_LANGUAGE``, else the locale's; Chinese before English."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import click
from babel.support import NullTranslations
from flask import has_app_context

from lbcert.core.words import told
from lbcert.plugins import plugins
from lbcert.web.languages import words_of


def language() -> str:
    """Give "en" where the shell is set to English, "zh" everywhere else."""
    given = (os.environ.get(name) for name in ("LBCERT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next((value for value in given if value), "zh")
    return "en" if chosen.lower().startswith("en") else "zh"


def spoken(message: Any) -> str:
    """Give a message, or a list of them, in the language of the shell; a plain string stays as it is."""
    folders = tuple(plugins().folders) if has_app_context() else ()
    return told(message, _catalogue(language(), folders).gettext)


def echo(message: Any, *, err: bool = False) -> None:
    """Print a message."""
    click.echo(spoken(message), err=err)


def failure(message: Any) -> click.ClickException:
    """Make the error that ends a command with a message."""
    return click.ClickException(spoken(message))


@cache
def _catalogue(chosen: str, folders: tuple[Path, ...]) -> NullTranslations:
    return words_of(chosen, folders)
