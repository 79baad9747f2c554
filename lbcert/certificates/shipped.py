"""The two types of certificate that the core issues itself, and what their public page shows."""

from __future__ import annotations

from lbcert.certificates.samples import COMPLETION_SAMPLES, SKILL_LEVEL_SAMPLES
from lbcert.certificates.token.claims import Kind
from lbcert.core.reference import SkillLevel
from lbcert.core.registrations import CertificateType, Claims, Fields, Ground
from lbcert.core.words import Message, say

_NAME, _NUMBER = say("姓名"), say("证书编号")
_ISSUED_ON, _VALID_TO = say("发证日期"), say("有效期至")
_ITEM, _BRAND, _COHORT, _DATES = say("培训项目"), say("劳务品牌"), say("培训班"), say("培训起止")
_HOURS, _MODULES, _PROVIDERS = say("课时"), say("所修课程（课时）"), say("培训机构")
_OCCUPATION, _CODE, _SPECIALTY = say("职业名称"), say("职业编码"), say("工种/职业方向")
_LEVEL, _SCHEME, _BODY = say("职业技能等级"), say("评价类型"), say("评价机构")
_MARKS = (("theory", say("理论知识")), ("practice", say("操作技能")), ("comprehensive", say("综合评审")))
_SCHEMES = {"social": say("社会培训评价组织评价"), "employer": say("用人单位自主评价")}


def _completion_fields(claims: Claims) -> Fields:
    modules = "；".join(f"{module['name']} {module['hours']:g}" for module in claims["modules"])
    return [
        (_NAME, claims["name"]),
        (_ITEM, claims["item"]),
        *_optional(claims, brand=_BRAND, cohort=_COHORT),
        (_DATES, say("{start} 至 {end}", start=claims["start"], end=claims["end"])),
        (_HOURS, say("{hours} 课时（每课时 45 分钟）", hours=f"{claims['hours']:g}")),
        (_MODULES, modules),
        (_PROVIDERS, "；".join(claims["providers"])),
        (_ISSUED_ON, claims["issued_on"]),
        *_optional(claims, valid_to=_VALID_TO),
        (_NUMBER, claims["number"]),
    ]


def _skill_level_fields(claims: Claims) -> Fields:
    occupation = claims["occupation"]
    fields: list[tuple[Message, Message | str]] = [
        (_NAME, claims["name"]),
        (_OCCUPATION, occupation["name"]),
    ]
    if "code" in occupation:
        edition = say("{code}（{edition} 年版）", code=occupation["code"], edition=occupation["edition"])
        fields.append((_CODE, edition))
    fields += [
        *_optional(claims, specialty=_SPECIALTY),
        (_LEVEL, SkillLevel(claims["level"]).label),
        *(
            (word, say("{points} 分", points=f"{claims['marks'][part]:g}"))
            for part, word in _MARKS
            if part in claims.get("marks", {})
        ),
        (_SCHEME, _SCHEMES[claims["scheme"]]),
        *_optional(claims, brand=_BRAND),
        (_BODY, claims["body"]),
        (_ISSUED_ON, claims["issued_on"]),
        *_optional(claims, valid_to=_VALID_TO),
        (_NUMBER, claims["number"]),
    ]
    return fields


def _optional(claims: Claims, **labels: Message) -> Fields:
    return [(label, claims[name]) for name, label in labels.items() if name in claims]


COMPLETION = CertificateType(
    name="completion",
    kind=Kind.COMPLETION,
    label=say("培训合格证书"),
    ground=Ground.COMPLETION,
    schema_version=1,
    template_version=1,
    fields=_completion_fields,
    qualification="completion",
    samples=COMPLETION_SAMPLES,
)
SKILL_LEVEL = CertificateType(
    name="skill_level",
    kind=Kind.SKILL_LEVEL,
    label=say("职业技能等级证书"),
    ground=Ground.RESULT,
    schema_version=1,
    template_version=1,
    fields=_skill_level_fields,
    qualification="skill_level",
    level_label=lambda level: SkillLevel(str(level)).label,
    samples=SKILL_LEVEL_SAMPLES,
)
