"""The pages for what cannot be done: what happened, in plain words, and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from lbcert.core.findings import Finding, Forbidden, Missing, Refused
from lbcert.core.pages import in_words


@dataclass(frozen=True)
class Failure:
    """What a page of one status says: what happened, what to do, and the sign beside it."""

    title: Any
    advice: Any
    icon: str = "alert-circle"


FAILURES = {
    400: Failure(_l("这个请求读不懂"), _l("请返回上一页，核对填写的内容后再提交一次。")),
    401: Failure(_l("需要接口密钥"), _l("请在请求头 Authorization 里写 Bearer 和有效的密钥。"), "lock"),
    403: Failure(_l("您没有权限做这件事"), _l("如果这属于您的职责，请联系本单位的账号管理员开通权限。"), "lock"),
    404: Failure(_l("没有找到这个页面"), _l("地址可能输错了，或者内容不在您的管辖范围内。"), "search"),
    405: Failure(_l("这个页面不能这样打开"), _l("请从页面上的按钮进入，不要直接输入地址。")),
    409: Failure(
        _l("这份内容刚刚被别人改过"),
        _l("您的修改没有保存，别人的修改也没有丢失。请重新打开页面，核对后再填一次。"),
        "refresh",
    ),
    413: Failure(_l("文件太大"), _l("请把文件拆小，或者压缩图片后再上传。"), "file-text"),
    422: Failure(_l("这一步没有办成"), _l("什么都没有改动。请按下面的说明处理后再试一次。"), "alert-triangle"),
    429: Failure(_l("操作太频繁"), _l("请稍等一会儿再试。"), "clock"),
    500: Failure(
        _l("系统出了问题"), _l("这次操作没有完成，没有留下一半的数据。请稍后再试，仍不行请联系系统管理员。"), "tools"
    ),
}
STALE_TOKEN = Failure(
    _l("页面打开得太久，已经失效"), _l("为了安全，表单过一段时间就会失效。请返回上一页，刷新后再提交一次。"), "clock"
)


def init_app(app: Flask) -> None:
    """Answer every failure on a page of the house, and as JSON under ``/api/``."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Missing, lambda _: answer(404))
    app.register_error_handler(Forbidden, lambda _: answer(403))
    app.register_error_handler(CSRFError, lambda _: answer(400, STALE_TOKEN))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, lambda _: answer(500))


def answer(
    code: int, failure: Failure | None = None, findings: Iterable[Finding] = (), fields: dict[str, Any] | None = None
) -> Response:
    """Say what failed: as JSON to a program, with the ``fields`` that were not of their shape; as a page to a person."""
    shown = failure or FAILURES.get(code, FAILURES[400 if code < 500 else 500])  # noqa: PLR2004
    found = list(findings)
    if request.path.startswith("/api/"):
        said = [{"rule": f.rule, "level": f.level, "message": in_words(f.message), "source": f.source} for f in found]
        return make_response(
            jsonify(code=code, status=str(shown.title), message=str(shown.advice), findings=said, fields=fields or {}),
            code,
        )
    if code >= 500:  # noqa: PLR2004
        g._login_user = AnonymousUserMixin()  # the page asks nothing of a database that may be what failed
    page = render_template("pages/failure.html", code=code, failure=shown, findings=found, way_back=_way_back())
    return make_response(page, code)


def _refused(refused: Refused) -> Response:
    return answer(409 if "core.stale" in refused else 422, findings=refused.findings)


def _way_back() -> str:
    """Give the page that somebody came from, when it is one of ours and not the one that failed."""
    came_from = request.referrer or ""
    is_ours = came_from.startswith(request.host_url)
    return came_from if is_ours and (request.method != "GET" or came_from != request.url) else ""


def _http(problem: HTTPException) -> Response | HTTPException:
    code = problem.code or 500
    if problem.response is not None or code < 400:  # noqa: PLR2004
        return problem  # a redirect, or an answer that somebody made ready
    response = answer(code, fields=getattr(problem, "data", {}).get("messages"))
    for name, value in problem.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response
