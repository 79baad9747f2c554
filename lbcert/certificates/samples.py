"""Made-up claims with which the core's designs are tried: a usual certificate, the fullest, and the barest."""

from __future__ import annotations

from lbcert.core.registrations import Sample
from lbcert.core.words import say

USUAL = say("一般的")
FULLEST = say("最满的：长名字、生僻字，没有照片")
BAREST = say("最简的：只有必填的内容")

_MODULES = (
    "农药安全使用与废弃包装回收", "棉田主要病虫害识别", "植保无人机飞防作业", "劳动合同、工资支付与维权", "安全生产与急救", "普通话与职场沟通",
    "高温作业防护", "手机应用与远程服务",
)  # fmt: skip
_COMPLETION = {
    "number": "PX-530128-LQ01-2025-003-0017-K",
    "name": "王小明",
    "id_number_masked": "530128********0017",
    "item": "农作物植保员",
    "start": "2025-07-24",
    "end": "2025-08-07",
    "hours": 84.5,
    "modules": [{"name": "农药安全使用", "hours": 44.5}, {"name": "棉田虫害识别", "hours": 40}],
    "providers": ["示例县职业技能培训学校"],
    "issued_on": "2025-08-10",
}
COMPLETION_SAMPLES = (
    Sample(USUAL, {**_COMPLETION, "brand": "示例农技员", "cohort": "示例第3期"}),
    Sample(
        FULLEST,
        {
            **_COMPLETION,
            "name": "古丽米热·艾比布力·葛䮌𠮷",
            "item": "农作物植保员（无人机飞防）",
            "brand": "示例县高原特色农业技术服务员",
            "cohort": "示例县2025年第13期",
            "modules": [{"name": name, "hours": 10.5} for name in _MODULES],
            "providers": ["示例彝族苗族自治县职业技能培训中心学校", "示例地区丝路职业培训中心（示例分校）"],
            "valid_to": "2028-08-09",
        },
        has_photo=False,
    ),
    Sample(BAREST, _COMPLETION),
)

_SKILL_LEVEL = {
    "number": "S000000000000255000001",
    "name": "王小明",
    "id_number_masked": "530128********0017",
    "occupation": {"name": "电工"},
    "level": "5",
    "body": "示例职业技能评价中心",
    "scheme": "social",
    "issued_on": "2025-08-20",
}
_ELECTRICIAN = {"name": "电工", "edition": 2022, "code": "6-31-01-03"}
_MARKS = {"theory": 86, "practice": 78.5}
SKILL_LEVEL_SAMPLES = (
    Sample(USUAL, {**_SKILL_LEVEL, "occupation": _ELECTRICIAN, "brand": "示例技工", "marks": _MARKS}),
    Sample(
        FULLEST,
        {
            **_SKILL_LEVEL,
            "name": "古丽米热·艾比布力·葛䮌𠮷",
            "occupation": {"name": "工业机器人系统操作员", "edition": 2022, "code": "6-30-99-00"},
            "specialty": "光伏电站运行维护与清洁机器人操作",
            "brand": "示例县高原特色农业技术服务员",
            "level": "1",
            "marks": {**_MARKS, "comprehensive": 100},
            "body": "示例彝族苗族自治县职业技能等级认定评价中心有限责任公司",
            "scheme": "employer",
            "valid_to": "2028-08-19",
        },
        has_photo=False,
    ),
    Sample(BAREST, _SKILL_LEVEL),
)
