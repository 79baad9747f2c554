"""Signs of trouble in a cohort's attendance, for those who watch over it: each with the records behind it."""

from __future__ import annotations

from flask import render_template

from lbcert.cohorts.models import Cohort
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.teaching.places import SEES_SESSION, SIGN_READERS
from lbcert.teaching.queries.signs import limits_for, sessions_behind, signs_of
from lbcert.teaching.views.room import room


@room.page("/cohorts/<int:cohort_id>/signs", see=SIGN_READERS)
def signs(cohort_id: int) -> str:
    """Show what looks odd in a cohort's attendance, and the rules by which it does."""
    cohort = load(Cohort, cohort_id)
    found = signs_of(cohort)
    sessions = sessions_behind(found)
    return render_template(
        "pages/teaching/signs.html",
        cohort=cohort,
        signs=found,
        sessions=sessions,
        open={key for key in sessions if SEES_SESSION.admits(acting(), {"session_id": key})},
        limits=limits_for(cohort),
    )
