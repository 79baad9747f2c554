"""What the room does when an earlier one asks."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.cohorts.operations.seats import free_seats_of, vacate
from lbcert.core.findings import Finding
from lbcert.hookspecs import hookimpl


@hookimpl
def lbcert_order_cancelled(line_ids: Sequence[int]) -> Sequence[Finding]:
    """Free the cancelled order's seats; the cohorts stand."""
    return free_seats_of(line_ids)


@hookimpl
def lbcert_seat_given_up(seat_id: int) -> None:
    """Let another sit where the person who stepped back sat."""
    vacate(seat_id)
