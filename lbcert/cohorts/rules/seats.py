"""订单组织: seats of an order line in a cohort. What an order promises, and whom it targets, is demand's rule."""

from __future__ import annotations

from collections.abc import Iterator

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say

ORDER_STAGE = "三段式：订单组织"


def serves(same_item: bool, same_home: bool, wanted: str, taught: str, order: str) -> Iterator[Finding]:
    """Refuse to serve an order with a cohort that teaches something else, or people whom it does not ask for."""
    if not same_item:
        message = say("订单 {order} 要的是“{wanted}”，本班教的是“{taught}”", order=order, wanted=wanted, taught=taught)
        yield refuse("cohorts.other_item", message, ORDER_STAGE)
    if not same_home:
        message = say("订单 {order} 招的不是本班所在地的劳动力", order=order)
        yield refuse("cohorts.other_home", message, ORDER_STAGE)


def number_of_seats(seats: int, taken: int) -> Iterator[Finding]:
    """Refuse fewer seats than one, or than learners sit on."""
    if seats < 1:
        yield refuse("cohorts.some_seats", say("划出的名额应至少为 1 个"))
    elif seats < taken:
        message = say("已有 {taken} 名学员使用这些名额，不能减到 {seats} 个", taken=taken, seats=seats)
        yield refuse("cohorts.seats_taken", message)


def seat_free(who: str, seats: int, taken: int) -> Iterator[Finding]:
    """Refuse a learner for whom the order has no seat left in this cohort."""
    if taken >= seats:
        message = say("{who}：这一订单在本班的 {seats} 个名额已用完", who=who, seats=seats)
        yield refuse("cohorts.no_seat_left", message, ORDER_STAGE)


def somebody_waits(cohort: str, waiting: int) -> Iterator[Finding]:
    """Refuse to fill seats where every learner has one."""
    if not waiting:
        yield refuse("cohorts.all_seated", say("{cohort}的学员都已有名额", cohort=cohort))


def targeted_apart(who: str, is_targeted: bool, has_seat: bool) -> Iterator[Finding]:
    """Refuse to put somebody on a targeted line without a seat of his own there."""
    if is_targeted and not has_seat:
        message = say("{who}：这是定向订单，须按用人单位的拟招名单逐人安排", who=who)
        yield refuse("cohorts.targeted_line", message, "三段式：定向就业")
