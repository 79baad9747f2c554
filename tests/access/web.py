"""The frame of the pages, and what the libraries serve."""

from tests.access.core import told, whom_it_tells
from tests.access.machinery import Row


def told_of(stage):
    """Say which notification was read."""
    return {"notification": told(stage)["notification_ids"]}


ROUTES = {
    "GET /": Row("public"),
    "POST /notifications": Row("", send=told_of, also=whom_it_tells),
    "GET /static/<path:filename>": Row("public", lambda stage: {"filename": "mark.svg"}),
    "POST /language": Row("public"),
    "GET /sign-in": Row("public"),
    "POST /sign-in": Row("public"),
    "POST /sign-out": Row("public"),
    "GET /password": Row("signed_in"),
    "POST /password": Row("signed_in"),
    "GET /password-again": Row("signed_in"),
    "POST /password-again": Row("signed_in"),
    "GET /second-factor": Row("public"),
    "POST /second-factor": Row("public"),
    "POST /second-factor/<token>": Row("signed_in", lambda stage: {"token": "none"}),
    "GET /second-factor/code": Row("public"),
    "POST /second-factor/code": Row("public"),
    "GET /passkeys": Row("signed_in"),
    "POST /passkeys": Row("signed_in"),
    "POST /passkeys/<token>": Row("signed_in", lambda stage: {"token": "none"}),
    "GET /passkeys/remove": Row("signed_in"),
    "POST /passkeys/remove": Row("signed_in"),
    "GET /sign-in/passkey": Row("public"),
    "POST /sign-in/passkey": Row("public"),
    "POST /sign-in/passkey/<token>": Row("public", lambda stage: {"token": "none"}),
    "GET /audit/": Row("admin* auditor*"),
    "GET /audit/chain": Row("admin* auditor*"),
    "GET /policy/": Row("signed_in"),
    "GET /policy/new": Row("admin* bureau_officer*"),
    "POST /policy/new": Row("admin* bureau_officer*"),
    "GET /calendar/": Row("signed_in"),
    "GET /calendar/new": Row("admin* bureau_officer*"),
    "POST /calendar/new": Row("admin* bureau_officer*"),
}
