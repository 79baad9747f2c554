"""The star certificate: its type, what it says, and its number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbcert.certificates.numbers import with_check
from lbcert.certificates.token.claims import Kind
from lbcert.core import clock
from lbcert.core.registrations import CertificateType, Claims, Fields, Ground, Sample
from lbcert.core.words import Message, say

if TYPE_CHECKING:
    from lbcert.certificates.operations.issuing import Draft
    from lbcert_star_rating.models import Award


def stars_label(stars: int) -> Message:
    """Name so many stars."""
    return say("{sign}（{stars} 星）", sign="★" * stars, stars=stars)


def _fields(claims: Claims) -> Fields:
    return [
        (say("姓名"), claims["name"]),
        (say("劳务品牌"), claims["brand"]),
        (say("培训项目"), claims["item"]),
        (say("星级"), stars_label(claims["stars"])),
        (say("评价方案"), claims["scheme"]),
        (say("授予单位"), claims["body"]),
        (say("有效期至"), claims["valid_to"]),
        (say("发证日期"), claims["issued_on"]),
        (say("证书编号"), claims["number"]),
    ]


_SAMPLE = {
    "number": "XJ-003-2025-0017-K",
    "name": "王小明",
    "id_number_masked": "530128********0017",
    "brand": "示例农技员",
    "item": "农作物植保员",
    "stars": 3,
    "scheme": "示例星级评价办法",
    "body": "示例县劳务协会",
    "valid_to": "2028-08-09",
    "issued_on": "2025-08-10",
}
_FULLEST = {
    **_SAMPLE,
    "name": "古丽米热·艾比布力·葛䮌𠮷",
    "brand": "示例县高原特色农业技术服务员",
    "item": "农作物植保员（无人机飞防）",
    "stars": 5,
    "scheme": "示例县农业技术劳务人员星级评价实施办法",
    "body": "示例彝族苗族自治县劳务品牌行业协会",
}
STAR = CertificateType(
    name="star",
    kind=Kind.STAR,
    label=say("星级证书"),
    ground=Ground.AWARD,
    schema_version=1,
    template_version=1,
    fields=_fields,
    folder=Path(__file__).parent / "certificate_design",
    qualification="star",
    no_renewal=say("星级到期须重新评定"),
    level_label=stars_label,
    samples=[
        Sample(say("一般的"), _SAMPLE),
        Sample(say("最满的：长名字、生僻字，没有照片"), _FULLEST, has_photo=False),
    ],
)


def claims_of(award: Award) -> dict[str, Any]:
    """Give what the certificate of an award says, but for its number."""
    nomination = award.nomination
    scheme = nomination.scheme
    return {
        "name": nomination.person.name,
        "id_number_masked": nomination.person.id_masked,
        "brand": scheme.brand.name,
        "item": nomination.enrolment.cohort.item.name,
        "stars": award.stars,
        "scheme": scheme.name,
        "body": scheme.organisation.name,
        "valid_to": award.valid_to.isoformat(),
        "issued_on": clock.today().isoformat(),
    }


def number_of(draft: Draft, serial: int) -> str:
    """Give an award its number, XJ-brand-year-serial with a check character; it looks like no state certificate."""
    return with_check(f"XJ-{draft.brand.number:03}-{clock.today().year}-{serial:04}")
