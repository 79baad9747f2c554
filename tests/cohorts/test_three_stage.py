"""三段式: order, menu and targeted together, free of charge."""

from datetime import date, timedelta

import pytest

from lbcert.cohorts.models import CohortState
from lbcert.cohorts.operations import enrolment, life, menu, seats
from lbcert.core.access import CONSOLE, Console
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from tests.cohorts.world import ENDS, STARTS, on, reread, rules_of


@operation("testing.settle_three", allow=CONSOLE)
def settle(actor, enrolment_id):
    return enrolment.settle(actor, enrolment_id, completed=True)


def test_it_is_free(world):
    with pytest.raises(Refused) as refused:
        world.draft(three_stage=True, fee_fen=1)
    assert rules_of(refused) == {"cohorts.free_of_charge"}


def test_it_files_with_a_frozen_menu_opens_with_seats_and_closes_with_an_outcome_for_each(ordered):
    cohort = ordered.complete(people=2, three_stage=True, choices_close_on=date(2025, 7, 10))
    clerk, whole = ordered.clerk, [module.id for module in cohort.menu.modules]
    with on(STARTS - timedelta(days=20)):
        with pytest.raises(Refused) as refused:
            life.file_cohort(clerk, cohort.id, promises=True)
        assert rules_of(refused) == {"cohorts.menu_open", "cohorts.part_plan"}
        menu.choose_for_all(clerk, cohort.id, whole)
        menu.freeze_menu(clerk, cohort.id)
        life.file_cohort(clerk, cohort.id, promises=True)
        life.approve_cohort(ordered.officer, cohort.id)
    with on(STARTS):
        enrolment.record_promises(clerk, cohort.id, [row.id for row in cohort.enrolments], STARTS)
        with pytest.raises(Refused) as refused:
            life.open_cohort(clerk, cohort.id)
        assert rules_of(refused) == {"cohorts.no_seats"}
        seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 2)
        life.open_cohort(clerk, cohort.id)
    with on(ENDS):
        for row in cohort.enrolments:
            settle(Console(), row.id)
        ordered.finish(cohort)
        with pytest.raises(Refused) as refused:
            life.close_cohort(clerk, cohort.id)
    assert rules_of(refused) == {"placement.outcome_missing"}
    assert reread(cohort).state is CohortState.TAUGHT
