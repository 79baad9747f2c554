"""The pages: the whole way by hand, and no trace of it where it is off."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pypdfium2
import pytest

from lbcert.brands.models import BrandPlugin
from lbcert.brands.operations import switch_plugins
from lbcert.certificates import qr
from lbcert.certificates.models import Status
from lbcert.certificates.token import base36
from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.testing.factories import NINGLANG, account, brand, store
from lbcert_star_rating import operations
from lbcert_star_rating.models import Award, Nomination, Scheme
from lbcert_star_rating.tests.scene import AFTER_NOTICE, awarded, nominated, noticed, reviewed

SCHEME = {
    "name": "康养师星级认证", "source": "宁劳发〔2025〕1号", "at_work_points": "60", "reviewers": "3", "notice_days": "5",
    "validity_months": "24", "vetoes": "弄虚作假\n\n投诉属实", "criteria-0-label": "出勤", "criteria-0-weight": "20",
    "criteria-0-evidence": "attendance", "criteria-1-label": "成绩", "criteria-1-weight": "30", "criteria-1-evidence": "marks",
    "criteria-2-label": "服务质量", "criteria-2-weight": "50", "criteria-2-evidence": "reviewers", "thresholds-0-stars": "3",
    "thresholds-0-points": "60", "thresholds-1-stars": "4", "thresholds-1-points": "80",
}  # fmt: skip
for _row in range(6):
    SCHEME.setdefault(f"criteria-{_row}-evidence", "marks")


@pytest.fixture
def at(scene, signed_in):
    """Give the browsers of those who take part."""
    return SimpleNamespace(
        officer=signed_in(scene.officer),
        reviewers=[signed_in(each) for each in scene.reviewers],
        awarder=signed_in(scene.awarder),
    )


def words_of(page):
    """Give what a person reads, without the tags."""
    body = re.sub(r"<(style|title).*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def code_of(certificate):
    return f"/V/{base36.encode(certificate.token)}"


def test_the_whole_way_to_stars_and_back(scene, at, client):
    typed = SCHEME | {"organisation_id": f"{scene.association.id} {scene.association.name}"}
    made = at.officer.post(f"/stars/brands/{scene.brand.id}/new", data=typed)
    assert made.status_code == 302, words_of(made.text)
    scheme = db.session.query(Scheme).filter_by(name="康养师星级认证").one()
    assert [veto.label for veto in scheme.vetoes] == ["弄虚作假", "投诉属实"]

    path = f"/stars/schemes/{scheme.id}"
    found = words_of(at.officer.get(f"{path}/nominate?q=张").text)
    assert "推荐 张三" in found
    assert "李四" not in found
    at.officer.post(f"{path}/nominate", data={"enrolment_id": scene.learner.id})
    nomination = db.session.query(Nomination).one()

    form = f"/stars/nominations/{nomination.id}"
    asked = scheme.criteria[2].id
    for browser, points in zip(at.reviewers, (90, 80, 85), strict=True):
        page = words_of(browser.get(form).text)
        assert "80 / 90" in page
        assert "85.00" in page
        assert "提交评审" in page
        browser.post(f"{form}/review", data={f"points_{asked}": points, "remark": "服务好"})
    assert "88.00" in words_of(at.officer.get(form).text)

    assert "目前没有公示" in words_of(client.get(f"/stars/notices/{scheme.id}").text)
    assert "开始公示（1 人）" in words_of(at.officer.get(path).text)
    at.officer.post(f"{path}/notice")
    public = client.get(f"/stars/notices/{scheme.id}")
    assert "张*" in public.text
    assert "张三" not in public.text
    assert "noindex" in public.headers["X-Robots-Tag"]
    assert "授予 4 星" not in words_of(at.awarder.get(form).text)

    with clock.at(AFTER_NOTICE):
        assert "目前没有公示" in words_of(client.get(f"/stars/notices/{scheme.id}").text)
        assert "授予 4 星" in words_of(at.awarder.get(form).text)
        at.awarder.post(f"{form}/award")
        certificate = db.session.query(Award).one().certificate
        jobs.run(certificate.job_id)
        db.session.expire_all()
        pdf = certificate.file.read()
        printed = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
        for text in ("★★★★", "张三", "认定为四星级", "禄劝电工协会", certificate.number):
            assert text in "".join(printed.split()), text
        (link,) = qr.read_pdf(pdf)
        assert "有效" in words_of(client.get("/" + link.split("/", 3)[3]).text)

        own = words_of(client.get(code_of(scene.certificates[0])).text)
        assert "星级认证 星级 ★★★★（4 星） 授予日期 2025-12-09 有效期至 2027-12-09" in own
        at.officer.post(f"/stars/awards/{db.session.query(Award).one().id}/withdraw", data={"reason": "投诉属实"})
        db.session.expire_all()
        assert certificate.status is Status.REVOKED
        scanned = words_of(client.get("/" + link.split("/", 3)[3]).text)
        assert "2025-12-09 已撤销。原因：授予已撤回（禄劝电工协会）" in scanned
        own = words_of(client.get(code_of(scene.certificates[0])).text)
        assert "星级 已撤销 撤销日期 2025-12-09" in own
        assert "★" not in own
        assert "投诉" not in own


def test_a_brand_without_it_shows_no_trace_of_it(scene, at, client):
    made = awarded(scene)
    pages = [
        f"/stars/brands/{scene.brand.id}/new", f"/stars/schemes/{scene.scheme.id}", f"/stars/notices/{scene.scheme.id}",
        f"/stars/schemes/{scene.scheme.id}/nominations", f"/stars/schemes/{scene.scheme.id}/nominate",
        f"/stars/nominations/{made.nomination_id}",
    ]  # fmt: skip
    own = code_of(scene.certificates[0])
    assert [at.officer.get(page).status_code for page in pages] == [200] * len(pages)
    assert "星级认证" in at.officer.get("/").text
    assert "星级" in client.get(own).text

    switch_plugins(scene.officer, scene.brand.id, [])
    assert [at.officer.get(page).status_code for page in pages] == [404] * len(pages)
    assert at.officer.post(f"/stars/schemes/{scene.scheme.id}/notice").status_code == 404
    assert at.officer.get("/stars/").status_code == 403
    assert "星级" not in at.officer.get("/").text
    answer = client.get(own)
    assert "有效" in answer.text
    assert "星" not in answer.text


def test_a_brands_page_calls_it_by_its_name(scene, at, signed_in):
    page = f"/brands/{scene.brand.id}"
    assert re.search(r'value="star_rating" checked>\s*<span[^>]*>星级认证<', at.officer.get(page).text)
    assert "星级认证" in words_of(signed_in(account(Role.AUDITOR, scene.brand.region_code)).get(page).text)


def test_only_those_of_a_brand_with_stars_see_them_in_the_menu(scene, signed_in):
    assert "/stars/" in signed_in(scene.officer).get("/").text
    for stranger in (account(Role.BUREAU_OFFICER, NINGLANG), account(Role.PROVIDER_CLERK, scene.provider)):
        assert "/stars/" not in signed_in(stranger).get("/").text
    store(BrandPlugin(brand_id=brand(region=NINGLANG).id, plugin="star_rating"))
    assert "/stars/" in signed_in(account(Role.BUREAU_OFFICER, NINGLANG)).get("/").text


def test_a_scheme_that_is_refused_keeps_what_was_typed(scene, at):
    typed = SCHEME | {"organisation_id": str(scene.association.id), "reviewers": "2", "thresholds-1-points": "50"}
    answer = at.officer.post(f"/stars/brands/{scene.brand.id}/new", data=typed)
    assert answer.status_code == 422
    read = words_of(answer.text)
    assert "评审人数须为单数，现为 2" in read
    assert "星级越高分数线越高" in read
    assert 'value="服务质量"' in answer.text


def test_a_review_that_is_refused_keeps_what_was_typed(scene, at):
    nomination = nominated(scene)
    asked = scene.scheme.criteria[2].id
    answer = at.reviewers[0].post(
        f"/stars/nominations/{nomination.id}/review", data={f"points_{asked}": "101", "remark": "很好"}
    )
    assert answer.status_code == 422
    assert "请填写 0 到 100" in answer.text
    assert 'value="101"' in answer.text
    assert "很好" in answer.text


def test_reviewers_see_nobodys_points_before_all_are_in(scene, at):
    nomination = nominated(scene)
    operations.review(scene.reviewers[0], nomination.id, {"服务质量": 37}, remark="甲的意见")
    path = f"/stars/nominations/{nomination.id}"
    for browser in (at.reviewers[1], at.officer):
        page = words_of(browser.get(path).text)
        assert "甲的意见" not in page
        assert "37" not in page.split()
    for reviewer in scene.reviewers[1:]:
        operations.review(reviewer, nomination.id, {"服务质量": 37})
    page = words_of(at.officer.get(path).text)
    assert "甲的意见" in page
    assert "37" in page.split()


def test_the_list_is_searched_filtered_and_exported(scene, at):
    reviewed(scene)
    nominated(scene, scene.learners[2])
    path = f"/stars/schemes/{scene.scheme.id}/nominations"
    assert "王五" in at.officer.get(path).text
    assert "王五" not in at.officer.get(f"{path}?q=张").text
    assert "张三" not in at.officer.get(f"{path}?state=nominated").text
    sheet = at.officer.get(f"{path}?format=csv").data.decode("utf-8-sig")
    assert "张三" in sheet
    assert "88.00" in sheet


def test_withdrawing_asks_for_a_reason_and_says_so_on_the_page(scene, at):
    made = awarded(scene)
    answer = at.officer.post(f"/stars/awards/{made.id}/withdraw", data={"reason": " "})
    assert answer.status_code == 422
    assert "请写明理由" in answer.text


def test_expired_or_suspended_stars_are_not_shown_as_stars(scene, client):
    made = awarded(scene)
    with clock.at(AFTER_NOTICE + timedelta(days=731)):
        read = words_of(client.get(code_of(scene.certificates[0])).text)
    assert "星级 已过期" in read
    assert "★" not in read
    assert made.valid_to.isoformat() in read


def test_the_notice_shows_those_whose_days_run_and_no_others(scene, client):
    noticed(scene)
    nominated(scene, scene.learners[2])
    read = words_of(client.get(f"/stars/notices/{scene.scheme.id}").text)
    assert "张*" in read
    assert "王*" not in read
    assert "2025年12月1日 – 2025年12月8日" in read
    assert "禄劝县劳务品牌领导小组办公室〔2025〕1号" in read
