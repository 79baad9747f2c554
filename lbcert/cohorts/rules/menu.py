"""菜单教学: when modules may be chosen, and when the choices become the plan. What may be chosen is brands' rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say, some

MENU_STAGE = "三段式：菜单教学"


def choosing_is_open(by_menu: bool, closes_on: date | None, today: date, is_frozen: bool) -> Iterator[Finding]:
    """Refuse to choose where there is no menu stage, after the closing date, or once the choices are the plan."""
    if not by_menu:
        yield refuse("cohorts.no_menu_stage", say("本班没有菜单教学环节，课程以教学计划为准"), MENU_STAGE)
    elif is_frozen:
        yield refuse("cohorts.menu_frozen", say("选课已锁定为教学计划，不能再改"), MENU_STAGE)
    elif closes_on is not None and today > closes_on:
        message = say("选课已于 {day} 截止", day=closes_on.isoformat())
        yield refuse("cohorts.menu_closed", message, MENU_STAGE)


def freezing(by_menu: bool, is_frozen: bool, learners: int, undecided: Sequence[str]) -> Iterator[Finding]:
    """Refuse to freeze choices that are no stage of this cohort, are frozen, or are not yet everybody's."""
    if not by_menu:
        yield refuse("cohorts.no_menu_stage", say("本班没有菜单教学环节"), MENU_STAGE)
    elif is_frozen:
        yield refuse("cohorts.menu_frozen", say("选课已锁定为教学计划"), MENU_STAGE)
    elif not learners:
        yield refuse("cohorts.part_roster", say("还没有学员，无从锁定选课；请先导入或录入学员"), MENU_STAGE)
    yield from all_decided(undecided)


def within_plan(strangers: Sequence[str]) -> Iterator[Finding]:
    """Refuse modules that a frozen plan does not have."""
    if strangers:
        message = say("教学计划已锁定，没有“{modules}”，只能选计划内的模块", modules=tuple(strangers))
        yield refuse("cohorts.not_in_plan", message, MENU_STAGE)


def all_decided(undecided: Sequence[str]) -> Iterator[Finding]:
    """Refuse to go on while learners have not chosen."""
    if undecided:
        yield refuse("cohorts.undecided", say("这些学员还没有选齐课程：{names}", names=some(undecided)), MENU_STAGE)
