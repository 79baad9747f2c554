"""The five places: which bodies there are, and who works for them."""

from __future__ import annotations

from dataclasses import dataclass

from lbcert.core.access import Role
from lbcert.demo.cast import Body, Post
from lbcert.parties.models import OrganisationKind as Kind


@dataclass(frozen=True)
class County:
    """One place: its short name in user names, its region, its bodies and its people."""

    key: str
    name: str
    region: str
    bodies: tuple[Body, ...]
    posts: tuple[Post, ...]


def _county(key: str, name: str, region: str, bodies: tuple[Body, ...], staff: dict[str, str]) -> County:
    """Give a county what every one has, and its own bodies; ``staff`` names the people by the end of their user names."""
    common = (
        Body(f"{key}-bureau", Kind.BUREAU, f"{name}人力资源和社会保障局（演示）", region),
        Body(f"{key}-centre", Kind.SERVICE_CENTRE, f"{name}公共就业服务中心（演示）", region),
        Body(f"{key}-association", Kind.ASSOCIATION, f"{name}劳务品牌协会（演示）", region),
    )
    at_school, over = f"{key}-school", region
    places = {
        "bureau": (Role.BUREAU_OFFICER, over),
        "centre": (Role.SERVICE_CENTRE, over),
        "auditor": (Role.AUDITOR, over),
        "reviewer": (Role.REVIEWER, over),
        "reviewer2": (Role.REVIEWER, over),
        "reviewer3": (Role.REVIEWER, over),
        "association-issuer": (Role.ISSUER, f"{key}-association"),
        "association": (Role.ASSOCIATION, f"{key}-association"),
        "school": (Role.PROVIDER_CLERK, at_school),
        "trainer": (Role.TRAINER, at_school),
        "trainer2": (Role.TRAINER, at_school),
        "trainer3": (Role.TRAINER, at_school),
        "issuer": (Role.ISSUER, at_school),
        "employer": (Role.EMPLOYER, f"{key}-employer"),
        "station": (Role.STATION, f"{key}-station"),
    }
    posts = tuple(Post(f"{key}-{end}", person, *places[end]) for end, person in staff.items())
    return County(key, name, region, common + bodies, posts)


_OFFICE = {
    "exam": Role.ASSESSMENT_CLERK,
    "examiner": Role.EXAMINER,
    "examiner2": Role.EXAMINER,
    "examiner3": Role.EXAMINER,
    "supervisor": Role.EXAMINER,
    "result": Role.RESULT_OFFICER,
    "issuer": Role.ISSUER,
}


def _body_of_assessment(
    key: str, name: str, region: str, *staff: str, invigilators: tuple[str, ...] = ()
) -> tuple[Body, tuple[Post, ...]]:
    """Give an assessment body and its ``staff``: exam clerk, three examiners, supervisor, result officer, issuer; and invigilators."""
    body = Body(f"{key}-assessment", Kind.ASSESSMENT_BODY, name, region)
    roles = {**_OFFICE, **{f"invigilator{n}": Role.EXAMINER for n in range(1, len(invigilators) + 1)}}
    posts = zip(roles.items(), (*staff, *invigilators), strict=True)
    return body, tuple(Post(f"{key}-{end}", person, role, body.key) for (end, role), person in posts)


LUQUAN = _county(
    "luquan",
    "禄劝县",
    "530128",
    (
        Body("luquan-school", Kind.PROVIDER, "禄劝掌鸠河职业培训学校（演示）", "530128"),
        Body("luquan-host", Kind.PROVIDER, "阜康博格达职业培训学校（演示）", "652302"),
        Body("luquan-employer", Kind.EMPLOYER, "阜康准东能源服务有限公司（演示）", "652302"),
        Body("luquan-employer2", Kind.EMPLOYER, "阜康天山农业发展有限公司（演示）", "652302"),
        Body("luquan-station", Kind.STATION_AWAY, "禄劝县驻新疆阜康劳务工作站（演示）", "652302"),
    ),
    {
        "bureau": "普光明", "centre": "李秀兰", "auditor": "杨立新", "association": "张应华", "school": "毕秋萍",
        "trainer": "张建云", "trainer2": "李永福", "trainer3": "马玉梅", "issuer": "罗文平", "employer": "陈志强",
        "station": "王学忠",
    },
)  # fmt: skip
NINGLANG = _county(
    "ninglang",
    "宁蒗县",
    "530724",
    (
        Body("ninglang-school", Kind.PROVIDER, "宁蒗泸沽湖职业培训学校（演示）", "530724"),
        Body("ninglang-employer", Kind.EMPLOYER, "海安康养服务有限公司（演示）", "320685"),
        Body("ninglang-employer2", Kind.EMPLOYER, "宁蒗康养连锁店（演示）", "530724"),
        Body("ninglang-employer3", Kind.EMPLOYER, "上海三电汽车空调有限公司（演示）", "310110"),
        Body("ninglang-haian", Kind.BUREAU, "海安市人力资源和社会保障局（演示）", "320685"),
        Body("ninglang-station", Kind.STATION_TOWNSHIP, "大兴镇劳务服务工作站（演示）", "530724100"),
    ),
    {
        "bureau": "阿苏大岭", "centre": "杨卓玛", "auditor": "和丽军", "reviewer": "木文昌", "association": "胡阿什",
        "school": "曹阿英", "trainer": "吉伙体则", "trainer2": "何秀英", "issuer": "杨宝荣", "employer": "沈海峰",
        "station": "金古阿呷", "reviewer2": "和万祥", "reviewer3": "杨金花", "association-issuer": "李文学",
    },
)  # fmt: skip
TONGLIAO = _county(
    "tongliao",
    "通辽市",
    "150500",
    (
        Body("tongliao-school", Kind.PROVIDER, "科尔沁职业技能培训学校（演示）", "150502"),
        Body("tongliao-employer", Kind.EMPLOYER, "霍林郭勒绿电铝业有限公司（演示）", "150581"),
        Body("tongliao-employer2", Kind.EMPLOYER, "北京京蒙家政服务有限公司（演示）", "150502"),
        Body("tongliao-station", Kind.STATION_AWAY, "通辽市驻阜新劳务工作站（演示）", "150500"),
    ),
    {
        "bureau": "包文山", "centre": "白音娜", "auditor": "韩雪梅", "association": "康福成", "school": "齐红梅",
        "trainer": "赵淑琴", "trainer2": "孟和", "issuer": "王桂芝", "employer": "高铁军",
        "station": "吴双喜",
    },
)  # fmt: skip
CENGONG = _county(
    "cengong",
    "岑巩县",
    "522626",
    (
        Body("cengong-school", Kind.PROVIDER, "岑巩思州职业培训学校（演示）", "522626"),
        Body("cengong-employer", Kind.EMPLOYER, "三水南粤家政服务有限公司（演示）", "440607"),
        Body("cengong-station", Kind.STATION_AWAY, "岑巩县驻佛山三水劳务工作站（演示）", "440607"),
    ),
    {
        "bureau": "杨胜才", "centre": "周凤仙", "auditor": "吴光辉", "association": "刘昌荣", "school": "姚本兰",
        "trainer": "冯佩仪", "trainer2": "杨再富", "issuer": "黄德海", "employer": "梁嘉欣", "station": "潘盛文",
    },
)  # fmt: skip
ZHENXIONG = _county(
    "zhenxiong",
    "镇雄县",
    "530627",
    (
        Body("zhenxiong-school", Kind.PROVIDER, "镇雄赤水源职业培训学校（演示）", "530627"),
        Body("zhenxiong-employer", Kind.EMPLOYER, "永康五金制造有限公司（演示）", "330784"),
        Body("zhenxiong-station", Kind.STATION_TOWNSHIP, "乌峰街道劳务服务工作站（演示）", "530627100"),
    ),
    {
        "bureau": "申开荣", "centre": "邓明珍", "auditor": "常应富", "association": "朱绍礼", "school": "熊艳琼",
        "trainer": "吕国强", "trainer2": "王启贵", "issuer": "胡明权", "employer": "应小勇", "station": "艾发云",
    },
)  # fmt: skip
COUNTIES = (NINGLANG, TONGLIAO, CENGONG, LUQUAN, ZHENXIONG)

#: Assessment bodies, each of the province whose county it serves, and none with a school of its own.
YUNNAN, _YUNNAN_POSTS = _body_of_assessment(
    "yunnan", "云南滇中职业技能评价中心（演示）", "530100",
    "施静", "段绍文", "钱丽华", "尹学东", "龚爱民", "谭国华", "严春晓",
    invigilators=("余海燕", "鲁正军", "保秀珍", "柴永康"),
)  # fmt: skip
GUIZHOU, _GUIZHOU_POSTS = _body_of_assessment(
    "guizhou", "黔东南职业技能评价中心（演示）", "522600",
    "龙菊香", "石昌明", "欧阳德", "田茂林", "彭光耀", "万家乐", "罗朝阳",
)  # fmt: skip
NEIMENG, _NEIMENG_POSTS = _body_of_assessment(
    "neimeng", "通辽辽河职业技能评价中心（演示）", "150500",
    "宝音", "刘振海", "佟丽艳", "马占山", "陈斯琴", "郭永刚", "邢玉春",
)  # fmt: skip
#: Of the place where the people of 禄劝 learn and work.
XINJIANG, _XINJIANG_POSTS = _body_of_assessment(
    "xinjiang", "昌吉天山职业技能评价中心（演示）", "652300",
    "古丽娜", "徐建疆", "阿依努尔", "牛志远", "穆合塔尔", "贺新民", "热依汗",
    invigilators=("丁玉洁", "库尔班", "董立夏", "米娜瓦尔"),
)  # fmt: skip
ASSESSMENT_BODIES = (YUNNAN, GUIZHOU, NEIMENG, XINJIANG)
#: Officers over a province or prefecture, whose rules hold in its counties.
HIGHER_POSTS = (
    Post("yunnan-bureau", "孔维新", Role.BUREAU_OFFICER, "530000"),
    Post("guizhou-bureau", "陆定邦", Role.BUREAU_OFFICER, "520000"),
    Post("xinjiang-bureau", "石天明", Role.BUREAU_OFFICER, "650000"),
)
ASSESSMENT_POSTS = (*HIGHER_POSTS, *_YUNNAN_POSTS, *_GUIZHOU_POSTS, *_NEIMENG_POSTS, *_XINJIANG_POSTS)
