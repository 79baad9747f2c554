"""A roster as clerks really send it: every kind of slip once, and the findings that each deserves."""

from lbcert.core.identity.id_number import check_character
from lbcert.testing.rosters import people

RARE = "赵𠮷"


def messy_rows():
    """Give 16 rows in Excel's own kinds of cell; row 1 is the second row of the sheet."""
    rows = people(16, seed=3)
    numbers = [row["id_number"] for row in rows]
    wrong = str((int(numbers[1][-1]) + 1) % 10) if numbers[1][-1] != "X" else "0"
    rows[1]["id_number"] = numbers[1][:-1] + wrong
    rows[2]["id_number"] = numbers[0]
    rows[3]["id_number"] = numbers[3][:6] + numbers[3][8:17]
    rows[4]["id_number"] = numbers[4][:6] + "19990230" + numbers[4][14:]
    rows[5]["id_number"] = f" {numbers[5]}\u3000"
    rows[6]["name"] = rows[6]["bank_holder"] = "阿依古丽•吐尔逊"
    rows[7]["name"] = '=HYPERLINK("http://127.0.0.1/","x")'
    del rows[8]["phone"]
    rows[9]["name"] = rows[9]["bank_holder"] = RARE
    rows[10]["id_number"] = with_x(rows[10]["id_number"])
    del rows[11]["name"]
    rows[12]["id_number"] = float(numbers[12][:15] + "000")
    rows[13]["phone"] = 13887654321
    rows[14]["phone"] = "1388765"
    return rows


def with_x(number):
    """Give a number of the same county that ends in a lower-case x."""
    for sequence in range(990, 1000):
        body = number[:14] + str(sequence)
        if check_character(body) == "X":
            return body + "x"
    return with_x(number[:13] + str((int(number[13]) + 1) % 9) + number[14:])


#: row in the sheet → (rule, level, part of the text); a row that is not here deserves nothing
FINDINGS = {
    2: [("cohorts.number_under_two_names", "refuse", "同时出现在第 4 行")],
    3: [("id_number.check", "refuse", "校验位不对")],
    4: [("cohorts.number_under_two_names", "refuse", "同时出现在第 2 行")],
    5: [("id_number.fifteen_digits", "refuse", "15 位的旧号码")],
    6: [("id_number.date", "refuse", "出生日期 1999-02-30 不存在")],
    7: [("cohorts.tidied_id_number", "note", "“公民身份号码”：已去掉空白")],
    8: [("cohorts.tidied_name", "note", "“姓名”：已将姓名中的间隔号改为「·」")],
    9: [("sheets.formula", "refuse", "第 9 行「姓名」是公式")],
    10: [("phone.empty", "warn", "缺少联系电话")],
    12: [("cohorts.tidied_id_number", "note", "“公民身份号码”：已将小写字母改为大写")],
    13: [("sheets.empty_cell", "refuse", "第 13 行缺少「姓名」")],
    14: [("sheets.lost_digits", "refuse", "第 14 行「公民身份号码」存成了数字，末几位已丢失")],
    15: [("sheets.number_cell", "note", "第 15 行「联系电话」是数字格式")],
    16: [("phone.not_mobile", "warn", "不是 11 位手机号码")],
}
