"""An issuer's own design is never run among us, but in a process that has little memory, little time and no secret.

Its template is sandboxed Jinja on plain data, and what it draws may load nothing (`lbcert.core.typesetting.Given`). A loop
without an end, a page of a kilometre or a picture that unfolds to gigabytes would stop a worker all the same.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lbcert.certificates.rendering.design import Paper, Source
from lbcert.core.findings import Finding, Refused, from_kept, kept, refuse
from lbcert.core.words import Message, say

#: Address space: twice what a shipped design takes.
MEMORY = 2**30
#: Processor seconds: for a start, and a paper; a shipped design takes one, and half of one.
START, EACH = 8, 2
#: Of the clock, for a machine that does much else.
PATIENCE = 6
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
_OUT_OF_TIME = (signal.SIGXCPU, signal.SIGKILL)
TOO_LONG = say("版式在规定的时间内没有排完：请检查循环和底图")
TOO_LARGE = say("版式要用的内存太多，或者排版时崩溃：请检查循环和底图")


@dataclass(frozen=True)
class Task:
    """What the other process is asked: to draw papers, or to try a design with them (then each has its label)."""

    source: Source
    papers: Sequence[Paper]
    labels: Sequence[Message] = ()
    #: of the type's claims
    names: Sequence[str] = ()
    #: of the processor
    seconds: int = 0


@dataclass(frozen=True)
class Tried:
    """One made-up certificate: its PDF, and a picture of it (PNG)."""

    pdf: bytes
    picture: bytes


@dataclass(frozen=True)
class Trial:
    """What is wrong with a design, and its samples; None for one that could not be made."""

    findings: tuple[Finding, ...]
    samples: tuple[Tried | None, ...]


def render_apart(papers: Sequence[Paper], source: Source) -> list[bytes]:
    """Render papers of an issuer's own design, in their order; raises `Refused` as `render` does, and for what breaks the bounds."""
    answer = _ask(Task(source, papers, seconds=_seconds(papers)))
    if answer["findings"]:
        raise Refused(from_kept(each) for each in answer["findings"])
    return [b64decode(pdf) for pdf in answer["pdfs"]]


def try_apart(source: Source, names: Sequence[str], papers: Sequence[tuple[Message, Paper]]) -> Trial:
    """Try a design with made-up papers, each under its label."""
    task = Task(source, [paper for _, paper in papers], [label for label, _ in papers], names, _seconds(papers))
    answer = _ask(task)
    samples = [Tried(*map(b64decode, each)) if each else None for each in answer.get("samples") or [None] * len(papers)]
    return Trial(tuple(from_kept(each) for each in answer["findings"]), tuple(samples))


def _seconds(papers: Sequence[Any]) -> int:
    return START + EACH * len(papers)


def _ask(task: Task) -> Any:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lbcert.certificates.rendering"],
            input=pickle.dumps(task), capture_output=True, env=environment, timeout=task.seconds * PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return _broken(TOO_LONG)
    if done.returncode == 0:
        return json.loads(done.stdout)
    return _broken(TOO_LONG if -done.returncode in _OUT_OF_TIME else TOO_LARGE)


def _broken(problem: Message) -> Any:
    return {"findings": [kept(refuse("certificates.design_bounds", problem))]}
