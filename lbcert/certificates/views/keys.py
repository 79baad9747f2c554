"""Keys: the officers' page, and the signed list as static files that anybody may fetch and mirror."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates import operations
from lbcert.certificates.models import IssuerKey, PdfCertificate
from lbcert.certificates.queries import trust
from lbcert.certificates.queries.keys import list_keys
from lbcert.certificates.queries.pdf_certificates import list_pdf_certificates
from lbcert.certificates.token import trust_list
from lbcert.certificates.token.keys import Algorithm, KeyState
from lbcert.certificates.views.room import room
from lbcert.core import clock
from lbcert.core.access import PUBLIC, Role, acting, holds
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column

#: An hour: a compromised key is known everywhere on the same day, and a mirror asks 24 times a day.
CACHING = "public, max-age=3600"
MEDIA_TYPES = {
    trust.LIST_FILE: trust_list.MEDIA_TYPE,
    trust.ROOT_FILE: "application/x-pem-file",
    trust.PDF_ROOTS_FILE: "application/x-pem-file",
}
LOOKERS = holds(Role.ADMIN, Role.BUREAU_OFFICER, Role.AUDITOR, Role.ISSUER)
DECIDERS = holds(Role.ADMIN, Role.BUREAU_OFFICER)


def _brands(key: IssuerKey) -> str:
    numbers = json.loads(key.brands)
    return "、".join(map(str, numbers)) if numbers else gettext("全部")


def _state(key: IssuerKey) -> tuple[str, str]:
    if key.state is KeyState.COMPROMISED:
        return gettext("已泄露"), "stop"
    if key.state is KeyState.RETIRED:
        return gettext("已停用"), "neutral"
    if key.not_before > clock.now():
        return gettext("待启用"), "wait"
    if key.not_after is not None and key.not_after < clock.now():
        return gettext("期满"), "neutral"
    return gettext("在用"), "ok"


def _pdf_state(row: PdfCertificate) -> tuple[str, str]:
    if row.withdrawn_at is not None:
        return gettext("已作废"), "stop"
    return (gettext("在用"), "ok") if row.not_before <= clock.now() <= row.not_after else (gettext("期满"), "neutral")


PDF_COLUMNS = [
    Column("name", _l("签名人")),
    Column("state", _l("状态"), "status", _pdf_state),
    Column("not_before", _l("启用"), "time"),
    Column("not_after", _l("截止"), "time"),
    Column("fingerprint", _l("指纹"), "code", lambda row: row.fingerprint[: operations.SHOWN]),
]


def _columns(counts: dict[int, int]) -> list[Column]:
    return [
        Column("kid", _l("密钥编号"), "code"),
        Column("alg", _l("算法"), "code", lambda key: Algorithm(key.alg).label),
        Column("state", _l("状态"), "status", _state),
        Column("brands", _l("品牌编号"), value=_brands),
        Column("not_before", _l("启用"), "time"),
        Column("not_after", _l("停用"), "time"),
        Column("used", _l("已签证书"), "number", lambda key: counts.get(key.id, 0)),
    ]


@room.page("/certificates/keys", see=LOOKERS, menu=(_l("签发密钥"), "key"))
def keys() -> ResponseReturnValue:
    """List all keys with their states, dates, brands and use, and where the signed list stands."""
    return _keys_page(())


@room.page("/certificates/keys/<int:key_id>/retirement", see=DECIDERS, methods=("POST",))
def ask_key_retirement(key_id: int) -> ResponseReturnValue:
    """Propose to retire a key."""
    reason = request.form.get("reason", "")
    return _decide(
        lambda: operations.ask_key_retirement(acting(), key_id, reason), gettext("已提出停用，等待另一人确认")
    )


@room.page("/certificates/keys/<int:key_id>/<any(grant, drop):answer>", see=DECIDERS, methods=("POST",))
def answer_key_retirement(key_id: int, answer: str) -> ResponseReturnValue:
    """Retire a key that somebody else proposed to retire, or drop the proposal."""
    granted = answer == "grant"
    said = gettext("密钥已停用；它签过的证书照常有效") if granted else gettext("已撤回停用的提议")
    return _decide(lambda: operations.answer_key_retirement(acting(), key_id, granted=granted), said)


def _decide(carry_out: Callable[[], Any], said: str) -> ResponseReturnValue:
    try:
        carry_out()
    except Refused as refusal:
        return _keys_page(refusal.findings), 422
    flash(said, "success")
    return redirect(url_for("certificates.keys"))


def _keys_page(findings: tuple[Finding, ...]) -> str:
    rows = list_keys()
    return render_template(
        "pages/certificates/keys.html",
        columns=_columns(trust.use_counts()),
        rows=rows,
        pdf_columns=PDF_COLUMNS,
        pdf_rows=list_pdf_certificates(),
        active=[key for key in rows if key.state is KeyState.ACTIVE],
        may_decide=DECIDERS.admits(acting(), {}),
        standing=trust.standing(),
        closed_at=trust.closed_at(),
        findings=findings,
    )


@room.page(
    f"/{trust.FOLDER}/<any('{trust.LIST_FILE}', '{trust.ROOT_FILE}', '{trust.PDF_ROOTS_FILE}'):name>", see=PUBLIC
)
def published_key_file(name: str) -> ResponseReturnValue:
    """Give the trust list or the root's public key, as ``lbcert keys export`` writes them; 304 to whoever has it."""
    content = trust.files().get(name)
    if content is None:
        abort(404)
    response = Response(content, content_type=MEDIA_TYPES[name])
    response.add_etag()
    response.headers["Cache-Control"] = CACHING
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response.make_conditional(request)
