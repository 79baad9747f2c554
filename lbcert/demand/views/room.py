"""The room itself, to which each module of its pages adds."""

from __future__ import annotations

from flask import Response, send_file

from lbcert.core.database import load
from lbcert.core.findings import Missing
from lbcert.core.papers import Paper
from lbcert.core.room import Room

room = Room("demand", __name__, url_prefix="/demand")


def send_paper(paper_id: int, subject: str) -> Response:
    """Answer with a document of ``subject``, to be saved and never shown within our pages."""
    paper = load(Paper, paper_id)
    if paper.subject != subject:
        raise Missing(f"paper {paper_id} of {subject}")
    file = paper.file
    return send_file(file.path, mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0)
