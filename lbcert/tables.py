"""Every table of the house: importing this makes ``db.metadata`` whole."""

from __future__ import annotations

from lbcert.brands import models as brands
from lbcert.certificates import models as certificates
from lbcert.cohorts import models as cohorts
from lbcert.core import (
    audit,
    calendar,
    files,
    jobs,
    messages,
    papers,
    policy,
    reference,
    sequences,
    staging,
    throttle,
    waivers,
)  # fmt: skip
from lbcert.demand import models as demand
from lbcert.dossiers import models as dossiers
from lbcert.exams import models as exams
from lbcert.oversight import models as oversight
from lbcert.parties import models as parties
from lbcert.placement import models as placement
from lbcert.teaching import models as teaching

#: In the order in which the work flows.
HOUSE = (
    reference, audit, calendar, files, jobs, messages, papers, policy, sequences, staging, throttle, waivers,
    parties, brands, demand, cohorts, teaching, oversight, exams, certificates, placement, dossiers,
)  # fmt: skip
