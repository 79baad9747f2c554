"""The room's rules: plain values in, findings out."""

from __future__ import annotations

from lbcert.core.access import Role
from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say
from lbcert.parties.models import OrganisationKind

#: Characters; NIST SP 800-63B-4 asks for length and against rules of composition.
SHORTEST_PASSWORD = 10

#: Roles that only an administrator gives: an officer neither makes officers nor those who watch them.
GIVEN_BY_ADMINISTRATORS = frozenset({Role.ADMIN, Role.BUREAU_OFFICER, Role.AUDITOR})

_STATIONS = frozenset(
    {OrganisationKind.STATION_AWAY, OrganisationKind.STATION_TOWNSHIP, OrganisationKind.STATION_VILLAGE}
)
#: Where a role may stand: at organisations of these kinds; the others watch over a region.
KINDS_OF_ROLE: dict[Role, frozenset[OrganisationKind]] = {
    Role.ADMIN: frozenset(OrganisationKind),
    Role.PROVIDER_CLERK: frozenset({OrganisationKind.PROVIDER}),
    Role.TRAINER: frozenset({OrganisationKind.PROVIDER, OrganisationKind.EMPLOYER}),
    Role.ASSESSMENT_CLERK: frozenset({OrganisationKind.ASSESSMENT_BODY}),
    Role.EXAMINER: frozenset({OrganisationKind.ASSESSMENT_BODY}),
    Role.RESULT_OFFICER: frozenset({OrganisationKind.ASSESSMENT_BODY}),
    Role.ISSUER: frozenset(
        {
            OrganisationKind.PROVIDER, OrganisationKind.ASSESSMENT_BODY, OrganisationKind.ASSOCIATION,
            OrganisationKind.BUREAU,
        }
    ),
    Role.EMPLOYER: frozenset({OrganisationKind.EMPLOYER}),
    Role.STATION: _STATIONS,
    Role.ASSOCIATION: frozenset({OrganisationKind.ASSOCIATION}),
}  # fmt: skip
#: Roles that hold over a region.
OVER_REGION = frozenset(
    {Role.ADMIN, Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.REVIEWER, Role.ASSOCIATION}
)


def role_belongs(role: Role, kind: OrganisationKind | None, *, over_region: bool) -> list[Finding]:
    """Find that ``role`` cannot be given there: ``kind`` is the organisation's, None where it is over a region."""
    if (kind is None) == (not over_region):
        return [refuse("parties.role_scope", say("请选择一个机构或者一个地区，二者选其一"))]
    if kind is None:
        if role in OVER_REGION:
            return []
        message = say("“{role}”应授予某一机构，不能按地区授予", role=role.label)
    elif kind in KINDS_OF_ROLE.get(role, ()):
        return []
    else:
        message = say("“{role}”不能授予{kind}", role=role.label, kind=kind.label)
    return [refuse("parties.role_scope", message)]
