"""The processes of an installation."""

from __future__ import annotations

import gc
import signal
import socket

import pytest
from click.testing import CliRunner

from lbcert.cli import serving


@pytest.fixture
def handlers():
    """Put back the handlers that a process of pages sets, and let the collector have what it keeps."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield before
    for each, handler in before.items():
        signal.signal(each, handler)
    gc.unfreeze()


def test_a_process_that_is_told_to_end_while_it_starts_ends(handlers, monkeypatch):
    for each in handlers:
        signal.signal(each, lambda *_: None)  # as the process before it takes note
    monkeypatch.setattr("lbcert.app.create_app", lambda: [signal.getsignal(each) for each in handlers])
    assert serving.pages() == [signal.SIG_DFL] * 2


def test_a_port_that_another_program_has_is_refused():
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        answer = CliRunner().invoke(serving.serve, ["--port", str(port)])
    assert (answer.exit_code, f"端口 {port} 上服务" in answer.output) == (1, True), answer.output
