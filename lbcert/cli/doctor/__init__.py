"""``lbcert doctor``: every part that must be there, and the cure of each that is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

import click

from lbcert.cli.doctor.parts import PUT_BACK, Part, State, missing
from lbcert.cli.words import echo, spoken
from lbcert.config import LostKeyError, Settings
from lbcert.core.words import Message, say

_SIGNS = {State.OK: "✓", State.WARN: "!", State.MISSING: "✗"}
#: What is looked at with the settings, by its name and place: imported when looked at, for a broken installation is examined too.
_WITHOUT = (
    (say("系统库"), "machine:libraries"),
    (say("字体"), "printing:fonts"),
    (say("前端文件"), "machine:front_end"),
)
_WITH_SETTINGS = (
    (say("数据目录"), "machine:write_rights"),
    (say("密钥"), "machine:keys"),
    (say("公开地址"), "machine:public_address"),
    (say("第二重验证"), "machine:second_factor"),
    (say("数据库"), "database:database"),
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
def doctor(*, as_json: bool) -> None:
    """Examine this installation and name the cure of everything that is missing; exit code 1 when something is."""
    parts = list(examine())
    if as_json:
        found = [{key: spoken(value) for key, value in vars(part).items()} for part in parts]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for part in parts:
            click.echo(f"{_SIGNS[part.state]} {spoken(part.name)}{spoken(say('：'))}{spoken(part.said)}")
            if part.cure:
                click.echo(f"    → {spoken(part.cure)}")
        bad = sum(part.state is State.MISSING for part in parts)
        click.echo()
        echo(
            say("{count} 项检查，{bad} 项缺失", count=len(parts), bad=bad)
            if bad
            else say("{count} 项检查，全部就绪", count=len(parts))
        )
    if any(part.state is State.MISSING for part in parts):
        sys.exit(1)


def examine() -> Iterator[Part]:
    """Look at each part; one that cannot even be looked at is missing, and stops no other."""
    for name, place in _WITHOUT:
        yield from _looked_at(name, place)
    try:
        settings = Settings.from_environment()
    except LostKeyError:
        yield missing(say("密钥 {name}", name="data.key"), say("没有，而它加密的数据库还在"), PUT_BACK)
        return
    except (ValueError, OSError) as error:
        cure = say("按提示改正环境变量 LBCERT_*，或给运行用户 LBCERT_HOME 的写入权限")
        yield missing(say("设置"), str(error), cure)
        return
    for name, place in _WITH_SETTINGS:
        yield from _looked_at(name, place, settings)


def _looked_at(name: Message, place: str, *given: object) -> Iterator[Part]:
    module, _, function = place.partition(":")
    try:
        look: Callable[..., Iterator[Part]] = getattr(import_module(f"lbcert.cli.doctor.{module}"), function)
        yield from look(*given)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the finding)
        said = say("检查时出错：{error}", error=f"{type(error).__name__} {error}")
        yield missing(name, said, say("按出错信息处理后再检查一次"))
