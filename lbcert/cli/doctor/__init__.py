"""``lbcert doctor``: every part that must be there, and the cure of each that is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module

import click

from lbcert.cli.doctor.parts import Part, State, missing
from lbcert.config import Settings

_SIGNS = {State.OK: "✓", State.WARN: "!", State.MISSING: "✗"}
#: What is looked at with the settings, by its name and place: imported when looked at, for a broken installation is examined too.
_WITH_SETTINGS = (
    ("数据目录", "machine:write_rights"),
    ("密钥", "machine:keys"),
    ("公开地址", "machine:public_address"),
    ("第二重验证", "machine:second_factor"),
    ("数据库", "database:database"),
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
def doctor(*, as_json: bool) -> None:
    """Examine this installation and name the cure of everything that is missing; exit code 1 when something is."""
    parts = list(examine())
    if as_json:
        click.echo(json.dumps([asdict(part) for part in parts], ensure_ascii=False, indent=1))
    else:
        for part in parts:
            click.echo(f"{_SIGNS[part.state]} {part.name}：{part.said}")
            if part.cure:
                click.echo(f"    → {part.cure}")
        bad = sum(part.state is State.MISSING for part in parts)
        click.echo(f"\n{len(parts)} 项检查，{bad} 项缺失" if bad else f"\n{len(parts)} 项检查，全部就绪")
    if any(part.state is State.MISSING for part in parts):
        sys.exit(1)


def examine() -> Iterator[Part]:
    """Look at each part; one that cannot even be looked at is missing, and stops no other."""
    for name, place in (("系统库", "machine:libraries"), ("字体", "printing:fonts"), ("前端文件", "machine:front_end")):
        yield from _looked_at(name, place)
    try:
        settings = Settings.from_environment()
    except (ValueError, OSError) as error:
        yield missing("设置", str(error), "按提示改正环境变量 LBCERT_*，或给运行用户 LBCERT_HOME 的写入权限")
        return
    for name, place in _WITH_SETTINGS:
        yield from _looked_at(name, place, settings)


def _looked_at(name: str, place: str, *given: object) -> Iterator[Part]:
    module, _, function = place.partition(":")
    try:
        look: Callable[..., Iterator[Part]] = getattr(import_module(f"lbcert.cli.doctor.{module}"), function)
        yield from look(*given)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the finding)
        yield missing(name, f"检查时出错：{type(error).__name__} {error}", "按出错信息处理后再检查一次")
