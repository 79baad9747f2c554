"""Number prefixes of assessment bodies: given by the authorities, entered by the bureau, never invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbcert.certificates import numbers
from lbcert.certificates.models import NumberPrefix
from lbcert.certificates.places import organisation_region, prefix_region
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation, OrganisationKind


@operation(
    "certificates.enter_prefix", say("录入证书编号前缀"), allow=holds(Role.BUREAU_OFFICER, at=organisation_region)
)
def enter_prefix(
    actor: Any, organisation_id: int, prefix: str, document: str, valid_from: date, valid_to: date | None = None
) -> NumberPrefix:
    """Enter the 13 characters with which a body's certificate numbers begin, as its document gives them.

    Refused for a malformed prefix, without the document, for dates out of order, and for what is no assessment body.
    """
    body = load(Organisation, organisation_id)
    given = prefix.strip().upper()
    refuse_on(numbers.check_prefix(given), _body(body), _document(document), _dates(valid_from, valid_to))
    entered = NumberPrefix(
        organisation_id=body.id, prefix=given, document=document.strip(), valid_from=valid_from, valid_to=valid_to
    )
    db.session.add(entered)
    return entered


@operation("certificates.end_prefix", say("停用证书编号前缀"), allow=holds(Role.BUREAU_OFFICER, at=prefix_region))
def end_prefix(actor: Any, prefix_id: int, valid_to: date) -> NumberPrefix:
    """Say until when a prefix may be used; numbers already given keep it."""
    prefix = load(NumberPrefix, prefix_id, lock=True)
    refuse_on(_dates(prefix.valid_from, valid_to))
    prefix.valid_to = valid_to
    return prefix


def _body(body: Organisation) -> list[Finding]:
    if body.kind is OrganisationKind.ASSESSMENT_BODY:
        return []
    message = say("“{name}”不是评价机构，没有证书编号前缀", name=body.name)
    return [refuse("certificates.prefix_body", message, numbers.SOURCE)]


def _document(document: str) -> list[Finding]:
    if document.strip():
        return []
    return [refuse("certificates.prefix_document", say("请写明给出这一前缀的批复文件"), numbers.SOURCE)]


def _dates(valid_from: date, valid_to: date | None) -> list[Finding]:
    if valid_to is None or valid_to >= valid_from:
        return []
    return [refuse("certificates.prefix_dates", say("前缀的失效日期早于生效日期"))]
