"""What the machine must have: libraries, files, secrets, and an address that a code can bear."""

from __future__ import annotations

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from lbcert.cli.doctor.parts import Part, missing, ok, warn
from lbcert.config import Settings
from lbcert.core.words import say

#: Debian package → what WeasyPrint loads of it.
LIBRARIES = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
}
#: Characters of a host with which a certificate's code keeps to version 9; above, it is drawn larger (qr.py).
LONGEST_HOST = 14
#: Two clocks further apart than this disagree.
SLACK = timedelta(seconds=5)


def libraries() -> Iterator[Part]:
    """Load what certificates are drawn with; without libharfbuzz-subset0 a Chinese page takes 6.5 s instead of 0.2."""
    for package, library in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            yield missing(package, say("没有 {what}", what=library), f"apt-get install {package}")
        else:
            yield ok(package, say("已安装"))


def front_end() -> Iterator[Part]:
    """Find the style sheets and scripts, which are fetched at set-up."""
    folder = Path(__file__).parents[2] / "web/static/vendor"
    if (folder / "tabler.min.css").is_file() and (folder / "htmx.min.js").is_file():
        yield ok(say("前端文件"), str(folder))
    else:
        yield missing(
            say("前端文件"),
            say("{folder} 里没有 tabler 和 htmx", folder=str(folder)),
            say("运行 bin/assets（需要 npm），或改用打好的 wheel 安装"),
        )


def write_rights(settings: Settings) -> Iterator[Part]:
    """Write a file where data is kept, and compare its time with the clock's."""
    try:
        with tempfile.NamedTemporaryFile(dir=settings.home, prefix=".doctor-") as file:
            file.write(b"x")
            file.flush()
            stamped = os.stat(file.name).st_mtime  # noqa: PTH116 (the open file's)
    except OSError as error:
        said = say("{home} 不能写入：{error}", home=str(settings.home), error=error.strerror)
        yield missing(say("数据目录"), said, say("chown -R 运行用户 {home}", home=str(settings.home)))
        return
    yield ok(say("数据目录"), say("{home} 可写", home=str(settings.home)))
    apart = abs(stamped - time.time())
    if apart > SLACK.total_seconds():
        yield missing(
            say("时钟"),
            say("与文件系统相差 {seconds} 秒", seconds=round(apart)),
            say("对时：timedatectl set-ntp true；网络存储请核对其服务器的时钟"),
        )


def keys(settings: Settings) -> Iterator[Part]:
    """Find the two secrets, readable by the owner alone."""
    for variable, name in (("LBCERT_SECRET_KEY", "secret.key"), ("LBCERT_DATA_KEY", "data.key")):
        file = settings.home / name
        title = say("密钥 {name}", name=variable if os.environ.get(variable) else name)
        if os.environ.get(variable):
            yield ok(title, say("由环境变量给出"))
        elif not file.is_file():
            yield missing(
                title,
                say("没有"),
                say("设 {variable}，或让系统在 {home} 里生成", variable=variable, home=str(settings.home)),
            )
        elif file.stat().st_mode & 0o077:
            yield missing(title, say("其他用户也能读取"), f"chmod 600 {file}")
        else:
            yield ok(title, say("只有运行用户可读；请随备份另存一份，丢失即无法解密"))


def public_address(settings: Settings) -> Iterator[Part]:
    """Judge the address that every code bears: https, and short."""
    address = urlsplit(settings.public_url)
    host = address.netloc
    title = say("公开地址")
    cure = say("设 LBCERT_PUBLIC_URL，例如 https://zs.example.cn；印好的二维码不能再改地址")
    if address.scheme != "https" and address.hostname not in {"localhost", "127.0.0.1"}:
        yield missing(title, say("{address} 不是 https", address=settings.public_url), cure)
    elif address.path.strip("/") or not host.isascii():
        yield missing(title, say("{address} 应只有域名，没有路径", address=settings.public_url), cure)
    elif len(host) > LONGEST_HOST:
        yield warn(
            title,
            say(
                "{host} 有 {count} 个字符，超过 {most} 个，二维码要升到版本 10",
                host=host,
                count=len(host),
                most=LONGEST_HOST,
            ),
            say("有更短的域名请换用；否则证书上的二维码按 32 毫米印制"),
        )
    elif address.hostname in {"localhost", "127.0.0.1"} and not settings.demo:
        yield missing(title, say("{host} 只有本机能打开，别人扫码查不到", host=host), cure)
    else:
        yield ok(title, say("{address}，{count} 个字符，二维码为版本 9", address=settings.public_url, count=len(host)))


def second_factor(settings: Settings) -> Iterator[Part]:
    """Say so where officers sign in with a password alone."""
    if settings.second_factor:
        yield ok(say("第二重验证"), say("已启用"))
    else:
        yield warn(say("第二重验证"), say("演示环境已关闭"), say("正式使用时不要设 LBCERT_SECOND_FACTOR=0"))
