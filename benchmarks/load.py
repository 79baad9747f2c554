"""A bounded load from loopback: a few connections that are kept open, each asking again when it was answered."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Sequence
from itertools import cycle
from urllib.parse import urlsplit

CONNECTIONS = 8


def requests_a_second(address: str, paths: Sequence[str], seconds: float, media_type: str) -> float:
    """Ask for ``paths`` in turn for some seconds and count what was answered with 200; raises on any other answer."""
    host, _, port = urlsplit(address).netloc.partition(":")
    counts: list[int] = []
    errors: list[str] = []
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(
            target=_ask, args=(host, int(port), paths[start::CONNECTIONS] or paths, media_type, until, counts, errors)
        )
        for start in range(CONNECTIONS)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise RuntimeError(errors[0])
    return sum(counts) / (time.perf_counter() - begun)


def _ask(
    host: str, port: int, paths: Sequence[str], media_type: str, until: float, counts: list[int], errors: list[str]
) -> None:
    head = f"HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: {media_type}\r\n\r\n"
    count = 0
    with socket.create_connection((host, port), timeout=30) as connection:
        for path in cycle(paths):
            connection.sendall(f"GET {path} {head}".encode())
            answer = _answer(connection)
            if not answer.startswith(b"HTTP/1.1 200"):
                errors.append(f"{path}: {answer[:200]!r}")
                return
            count += 1
            if time.perf_counter() > until:
                break
    counts.append(count)


def _answer(connection: socket.socket) -> bytes:
    """Read one answer to its end, and give its head."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head


if __name__ == "__main__":
    print(requests_a_second(sys.argv[1], sys.stdin.read().split(), float(sys.argv[2]), sys.argv[3]))
