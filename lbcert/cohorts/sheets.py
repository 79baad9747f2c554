"""The roster sheet (学员花名册) as counties send it: 16 columns, in any order."""

from __future__ import annotations

from lbcert.core.sheets import Column

#: What a staged roster is called.
KIND = "cohorts.roster"
#: What a staged ZIP of photos is called.
PHOTOS = "cohorts.photos"
ROSTER = (
    Column(
        "id_number",
        "公民身份号码",
        ("身份证号码", "身份证号", "居民身份证号码", "证件号码"),
        required=True,
        digits=True,
        width=22,
    ),
    Column("name", "姓名", ("学员姓名",), required=True),
    Column("ethnicity", "民族"),
    Column(
        "employment_register",
        "就业失业登记证号码",
        ("就业失业登记证号", "就业创业证号", "就业创业证号码"),
        digits=True,
        width=22,
    ),
    Column("category", "人员类别", ("人员类型",), width=20),
    Column("household_kind", "户口性质"),
    Column("household_region", "户口所在地区划", ("户口所在地",), digits=True),
    Column("residence_region", "常住地址区划", ("常住地区划",), digits=True),
    Column("address", "家庭住址", ("家庭地址",), width=40),
    Column("phone", "联系电话", ("手机号码", "手机号", "电话", "手机"), digits=True),
    Column("postcode", "邮编", ("邮政编码",), digits=True),
    Column("email", "电子邮箱", ("邮箱",), width=24),
    Column("mail_address", "通讯地址", width=40),
    Column("bank_name", "开户银行", ("开户行",), width=20),
    Column("bank_holder", "银行户名", ("户名",)),
    Column("bank_account", "银行账号", ("银行卡号", "银行帐号"), digits=True, width=24),
)

#: key → the most characters that are kept of it
LONGEST = {
    "ethnicity": 20,
    "employment_register": 30,
    "category": 40,
    "household_kind": 20,
    "address": 200,
    "postcode": 10,
    "email": 120,
    "mail_address": 200,
    "bank_name": 80,
    "bank_holder": 60,
    "bank_account": 40,
}
TITLES = {column.key: column.title for column in ROSTER}
