"""Publishing the trust list: whoever holds the root signs it elsewhere; here it is only checked and kept."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from lbcert.certificates import models
from lbcert.certificates.queries import trust
from lbcert.certificates.token import trust_list
from lbcert.certificates.token.trust_list import TrustList
from lbcert.core.access import CONSOLE
from lbcert.core.database import db
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say


@operation("certificates.publish_trust_list", say("公布信任列表"), allow=CONSOLE)
def publish_trust_list(
    actor: Any, content: bytes, root_public_key: bytes, *, new_root: bool = False
) -> models.TrustList:
    """Publish a list as the root signed it, from `queries.trust.next_list`; the private root never comes here.

    Refused for another root than before, unless ``new_root`` says that the old one is lost, and for a list that does not say
    what the register says now. Raises ``Refused`` for a list that this root did not sign.
    """
    given = trust_list.read(content, root_public_key)
    refuse_on(_is_next(given), [] if new_root else _same_root(root_public_key))
    published = models.TrustList(
        number=given.number,
        content=content,
        digest=sha256(content).hexdigest(),
        root_public_key=root_public_key,
        signed_at=given.signed,
        expires_at=given.expires,
    )
    db.session.add(published)
    return published


def _is_next(given: TrustList) -> list[Finding]:
    wanted = trust.next_list()
    same = (given.number, given.keys, given.demo, given.issuer) == (
        wanted.number, wanted.keys, wanted.demo, wanted.issuer,
    )  # fmt: skip
    if same and given.signed <= wanted.signed and (given.expires is None) == (wanted.expires is None):
        return []
    message = say("名单与登记的密钥不一致，或不是第 {number} 期：请重新签发", number=wanted.number)
    return [refuse("certificates.trust_list_stale", message)]


def _same_root(root_public_key: bytes) -> list[Finding]:
    newest = trust.newest_list()
    if newest is None or newest.root_public_key == root_public_key:
        return []
    message = say("这不是以前签发名单的根密钥；旧根密钥确已丢失时，用 lbcert keys export --new-root")
    return [refuse("certificates.other_root", message)]
