"""What the database must be: reachable, of the newest schema, of the same time, and worked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lbcert import migrations
from lbcert.app import create_app
from lbcert.certificates.models import IssuerKey
from lbcert.certificates.queries import trust
from lbcert.certificates.token.keys import KeyState
from lbcert.cli.doctor.machine import SLACK
from lbcert.cli.doctor.parts import PUT_BACK, Part, missing, ok, warn
from lbcert.config import Settings
from lbcert.core import clock
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.jobs import ItemState, Job, JobItem
from lbcert.core.words import say
from lbcert.parties.models import Person

#: Jobs that wait longer than this wait for a worker that is not there.
PATIENCE = timedelta(minutes=10)


def database(settings: Settings) -> Iterator[Part]:
    """Reach the database, and look at its schema, its clock, its waiting jobs, and the key that signs certificates."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        yield missing(
            say("数据库"),
            say("{file} 还没有建立", file=url.database),
            say("lbcert db upgrade；要看演示数据则 make run"),
        )
        return
    with create_app(settings).app_context():
        try:
            with db.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
            cure = say("核对 LBCERT_DATABASE_URL，确认数据库服务已启动、账号可以连接")
            address = url.render_as_string(hide_password=True)
            yield missing(say("数据库"), say("{address} 连不上：{cause}", address=address, cause=cause), cure)
            return
        try:
            yield ok(say("数据库"), url.render_as_string(hide_password=True))
            if not migrations.is_current():
                yield missing(say("数据库结构"), say("不是最新版本"), "lbcert db upgrade")
                return
            yield ok(say("数据库结构"), say("最新版本"))
            if not _is_readable():
                yield missing(
                    say("密钥 {name}", name="data.key"), say("解不开这个数据库里的号码，不是加密它的那一把"), PUT_BACK
                )
                return
            yield from _clock()
            yield from _queue()
            yield from _signing_key()
        finally:
            db.session.remove()
            db.engine.dispose()


def _is_readable() -> bool:
    """Tell whether the data key is the one with which the ID numbers on file were encrypted."""
    try:
        db.session.scalar(select(Person.id_number).limit(1))
    except InvalidTag:
        return False
    return True


def _clock() -> Iterator[Part]:
    here = datetime.now(UTC)
    if db.engine.dialect.name == "postgresql":
        apart = abs(db.session.execute(select(func.clock_timestamp())).scalar_one() - here)
        if apart > SLACK:
            cure = say("给两台机器对时：timedatectl set-ntp true")
            yield missing(say("数据库时钟"), say("与本机相差 {seconds} 秒", seconds=round(apart.total_seconds())), cure)
    last = db.session.scalar(select(func.max(AuditEntry.at)))
    if last is not None and last > here + SLACK:
        said = say("审计日志里已有 {time} 的记录，本机时钟却更早", time=f"{clock.local(last):%Y-%m-%d %H:%M:%S}")
        yield missing(say("时钟"), said, say("对时：timedatectl set-ntp true；时钟调回去期间不要办理业务"))
    else:
        shown = f"{clock.local(here):%Y-%m-%d %H:%M}"
        yield ok(say("时钟"), say("北京时间 {time}（一律按 UTC+8 显示，与系统时区无关）", time=shown))


def _queue() -> Iterator[Part]:
    free = JobItem.held_to.is_(None) | (JobItem.held_to < clock.now())
    late = Job.created_at < clock.now() - PATIENCE
    waiting = select(func.count()).select_from(JobItem).join(Job).where(JobItem.state == ItemState.WAITING, free, late)
    count, failed = (
        db.session.scalar(query) or 0
        for query in (waiting, select(func.count()).where(JobItem.state == ItemState.FAILED))
    )
    if count:
        yield missing(
            say("后台任务"),
            say("{count} 项等了 10 分钟以上没有人做", count=count),
            say("启动 lbcert worker，并让它随系统启动"),
        )
    else:
        yield ok(say("后台任务"), say("没有积压"))
    if failed:
        yield warn(say("失败的任务"), say("{count} 项", count=failed), say("在任务页查看原因，处理后重做"))


def _signing_key() -> Iterator[Part]:
    if trust.closed_at() is not None:
        yield ok(say("签发密钥"), say("已停止签发"))
    elif db.session.scalar(select(IssuerKey.id).where(IssuerKey.state == KeyState.ACTIVE).limit(1)) is None:
        yield warn(say("签发密钥"), say("还没有，不能发证"), "lbcert keys init")
    else:
        yield ok(say("签发密钥"), say("在用"))
    standing = trust.standing()
    if standing.newest is None:
        cure = say("lbcert keys init --root FILE（根密钥另存，不放在本机）")
        yield warn(say("密钥名单"), say("还没有签发，脱网不能查验证书"), cure)
    elif standing.wants_signing:
        why = say("与登记的密钥不一致") if standing.is_behind else say("30 天内到期或已到期")
        said = say("第 {number} 期：{why}", number=standing.newest.number, why=why)
        yield warn(say("密钥名单"), said, say("取出根密钥，lbcert keys export --root FILE"))
    else:
        yield ok(say("密钥名单"), say("第 {number} 期", number=standing.newest.number))
