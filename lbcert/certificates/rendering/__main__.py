"""The other process of `lbcert.certificates.rendering.bounds`: draws or tries one design, and ends."""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
from base64 import b64encode
from typing import Any

from lbcert.certificates.rendering import bounds, trial
from lbcert.core.findings import Finding, Refused, kept


def main() -> None:
    """Answer the task on standard input, within its bounds."""
    task: bounds.Task = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
    spent = round(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    os.chdir("/")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (spent + task.seconds,) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (bounds.MEMORY,) * 2)
    json.dump(_answer(task), sys.stdout)


def _answer(task: bounds.Task) -> dict[str, Any]:
    if task.labels:
        tried = trial.try_design(task.source, task.names, list(zip(task.labels, task.papers, strict=True)))
        samples = [each and [_text(each.pdf), _text(each.picture)] for each in tried.samples]
        return {"findings": _plain(tried.findings), "samples": samples}
    try:
        return {"findings": [], "pdfs": [_text(pdf) for pdf in trial.draw(task.source, task.papers)]}
    except Refused as refusal:
        return {"findings": _plain(refusal.findings)}


def _plain(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [kept(each) for each in findings]


def _text(data: bytes) -> str:
    return b64encode(data).decode()


if __name__ == "__main__":
    main()
