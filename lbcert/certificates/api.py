"""JSON calls about the worth of a certificate: open to anyone, as the page is."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lbcert.certificates.queries import bulk_check
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.views.public import BULK_TRIES, TRIES
from lbcert.core import throttle
from lbcert.core.access import PUBLIC
from lbcert.core.api import Calls, sent_file
from lbcert.core.pages import in_words, send_workbook

calls = Calls("certificates", __name__, "查验：证书是谁的、现在是否有效")


class NumberQuery(Schema):
    """A number typed by hand."""

    type = fields.String(load_default="", validate=validate.Length(max=40))
    last_four = fields.String(load_default="", validate=validate.Length(max=4))


class CodeQuery(Schema):
    """What else is known of a scanned certificate."""

    pdf = fields.String(
        load_default="",
        validate=validate.Regexp("^([0-9a-f]{64})?$"),
        metadata={"description": "SHA-256 of the PDF that holds the code, in hex: says whether it is the original"},
    )


@calls.call("/verify/code/<code>", see=PUBLIC)
@calls.arguments(CodeQuery, location="query", unknown="exclude")
@calls.response(200, description="the verdict; a broken or unknown code is an answer, not an error")
def verify_code(query: dict[str, Any], code: str) -> dict[str, Any]:
    """Say what the certificate with this QR code is worth; ``code`` is what follows ``/V/``."""
    return verdicts.as_data(verdicts.of_code(code, pdf_digest=query["pdf"]), in_words)


@calls.call("/verify/number/<number>", see=PUBLIC)
@throttle.limiter.limit(TRIES)
@calls.arguments(NumberQuery, location="query", unknown="exclude")
@calls.response(200, description="the verdict; an unknown number is an answer, not an error")
def verify_number(query: dict[str, Any], number: str) -> dict[str, Any]:
    """Say what the certificate with this number is worth; throttled, for numbers run in series."""
    return verdicts.as_data(verdicts.of_number(number, query["type"], query["last_four"]), in_words)


class BulkQuery(Schema):
    """How the verdicts are wanted."""

    format = fields.String(load_default="json", validate=validate.OneOf(["json", "xlsx"]))


@calls.call("/verify/bulk", see=PUBLIC, methods=("POST",))
@throttle.limiter.limit(BULK_TRIES)
@calls.arguments(BulkQuery, location="query", unknown="exclude")
@calls.response(
    200, description="the verdicts, in the order of the lines or files; as a workbook where ``format`` is xlsx"
)
def verify_bulk(query: dict[str, Any]) -> Any:
    """Check a sheet of numbers or links, or a ZIP of PDFs and pictures (multipart, ``file``); throttled, nothing is kept."""
    checked = bulk_check.of_upload(sent_file("file").read())
    if query["format"] == "xlsx":
        return send_workbook(bulk_check.write_verdicts(checked, in_words), "verdicts")
    return {"results": [bulk_check.as_data(each, in_words) for each in checked]}
