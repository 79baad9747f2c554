"""The scanner as an employer uses it, on a phone of 360 px."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from lbcert.certificates.models import IssuerKey, Reason
from lbcert.certificates.operations import revoke
from lbcert.certificates.operations.keys import compromise_key, signer_for
from lbcert.certificates.operations.status_lists import build_status_list
from lbcert.certificates.operations.trust import publish_trust_list
from lbcert.certificates.queries import status_lists, trust
from lbcert.certificates.queries.keys import ring
from lbcert.certificates.token import base36, trust_list
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Signer
from lbcert.certificates.token.reader import read_token
from lbcert.cli import main
from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.database import db
from tests.browser.chromium import ARGUMENTS, EXECUTABLE, assert_accessible, assert_no_sideways_scroll, picture
from tests.browser.fixtures import serving
from tests.certificates.broken_tokens import link_to
from tests.certificates.scene import printed

pytestmark = pytest.mark.browser

WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; V2304A Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) "
    "WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
)


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def file_of(certificate):
    return {"name": "证书.pdf", "mimeType": "application/pdf", "buffer": certificate.file.read()}


def seen(page, name):
    picture(page, name)
    assert_no_sideways_scroll(page)
    assert_accessible(page)


def publish(scene):
    """Sign the trust list with an offline root, revoke the second certificate, and build the status lists."""
    root = Signer.fresh()
    publish_trust_list(Console(), trust_list.sign(trust.next_list(), root), root.public_key)
    revoke(scene.issuer, scene.certificates[1].id, Reason.FRAUD, "替考")
    for number in status_lists.all_numbers():
        build_status_list(Console(), number)
    return root


def leaked(certificate):
    """Sign what a thief of the key would: good in all but that the register knows nothing of it."""
    claims = read_token(certificate.token, ring()).claims
    _, signer = signer_for(None, clock.now())
    return sign(replace(claims, cti=bytes(8)), signer)


def film(certificate, path):
    """Film a printed certificate as a phone held over it would: white paper first, then the part with its code, askew."""
    page = pypdfium2.PdfDocument(certificate.file.read())[0].render(scale=200 / 72).to_pil().convert("RGB")
    [code] = zxingcpp.read_barcodes(page)
    corners = code.position
    middle = (corners.top_left.x + corners.bottom_right.x) // 2, (corners.top_left.y + corners.bottom_right.y) // 2
    turned = page.rotate(4, Image.Resampling.BICUBIC, fillcolor="white", center=middle)
    at = (middle[0] - 640, middle[1] - 360)
    frames = [Image.new("RGB", (1280, 720), "white"), turned.crop((*at, at[0] + 1280, at[1] + 720))]
    with path.open("wb") as video:
        for frame in (frames[0], *frames[1:] * 5):
            frame.save(video, "JPEG", quality=85)


@pytest.fixture
def phone(browser, tmp_path):
    """Give a phone of 360 px whose camera shows a film, after it was made."""
    video = tmp_path / "paper.mjpeg"
    started = []

    def open_phone(certificate):
        film(certificate, video)
        arguments = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "profile",  # a visitor without a trace can install nothing
            executable_path=EXECUTABLE,
            args=[*ARGUMENTS, *arguments, f"--use-file-for-fake-video-capture={video}"],
            viewport={"width": 360, "height": 780},
            locale="zh-CN",
            permissions=["camera"],
        )
        started.append(context)
        return context.pages[0]

    yield open_phone
    for context in started:
        context.close()


def test_the_server_is_gone_and_the_camera_still_tells(app, phone):
    scene = printed()
    publish(scene)
    first, second = scene.certificates
    page = phone(first)
    with serving(app) as address:
        page.goto(address + "/scan")
        page.locator("#state[data-ready=offline]").wait_for()
        seen(page, "scan-ready")
        assert page.context.new_cdp_session(page).send("Page.getInstallabilityErrors") == {"installabilityErrors": []}
        page.get_by_label("或输入证书编号、链接").fill(link_to(leaked(first)))
        page.get_by_role("button", name="查验").click()
        page.get_by_role("heading", name="查无此证", exact=True).wait_for()
    page.reload()
    page.locator("#state[data-ready=offline]").wait_for()
    page.get_by_role("button", name="打开相机扫码").click()
    page.get_by_role("heading", name="有效", exact=True).wait_for()
    for text in ("张*", "电工", "五级/初级工", "2025-08-20", "离线结果：名单截至"):
        assert page.get_by_text(text).first.is_visible(), text
    seen(page, "scan-offline-valid")

    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for number, answer in ((first.person.id_number, "相符"), (second.person.id_number, "不符"), ("123", "18 位")):
        page.get_by_label("持证人身份证号").fill(number)
        page.get_by_role("button", name="比对").click()
        page.locator("#same").get_by_text(answer).wait_for()
    assert asked == []

    page.get_by_label("照片、截图或 PDF").set_input_files(file_of(second))
    page.get_by_role("heading", name="已撤销", exact=True).wait_for()
    seen(page, "scan-offline-revoked")
    page.get_by_label("或输入证书编号、链接").fill(f"https://v.examp1e.cn/v/{base36.encode(first.token)}")
    page.get_by_role("button", name="查验").click()
    page.get_by_text("v.examp1e.cn").wait_for()
    seen(page, "scan-offline-foreign")
    page.get_by_label("或输入证书编号、链接").fill(first.number)
    page.get_by_role("button", name="查验").click()
    page.get_by_text("按编号查要联网").wait_for()


@contextmanager
def served(folder):
    """Serve a folder as any web server does, by one that knows nothing of us."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_published_folder_verifies_when_the_installation_is_gone(app, page_at, tmp_path):
    scene = printed()
    publish(scene)
    first, second = scene.certificates
    settings = app.config["LBCERT"]
    home = {"LBCERT_HOME": str(settings.home), "LBCERT_DATABASE_URL": settings.database_url}
    told = CliRunner(env=home).invoke(main, ["publish", str(tmp_path / "mirror")])
    assert told.exit_code == 0, told.output
    page, asked = page_at(360), []
    page.on("request", lambda request: asked.append(request.url))
    with served(tmp_path / "mirror") as address:
        page.goto(f"{address}/scan/")
        page.locator("#state[data-ready=offline]").wait_for()
        page.get_by_label("照片、截图或 PDF").set_input_files(file_of(first))
        page.get_by_role("heading", name="有效", exact=True).wait_for()
        assert page.get_by_text("离线结果：名单截至").is_visible()
        seen(page, "scan-mirror")
        assert not [each for each in asked if "/api/" in each], "a mirror's log learns no certificate"
        page.get_by_label("或输入证书编号、链接").fill(first.number)
        page.get_by_role("button", name="查验").click()
        page.get_by_text("镜像只认二维码").wait_for()
        page.get_by_role("link", name="English").click()
        page.get_by_text("This is a mirror of").wait_for()
        page.locator("#state[data-ready=offline]").wait_for()
    page.reload()
    page.get_by_label("Picture, screenshot or PDF").set_input_files(file_of(second))
    page.get_by_role("heading", name="Revoked", exact=True).wait_for()


def wechat(browser, **more):
    return browser.new_context(user_agent=WECHAT, viewport={"width": 360, "height": 780}, locale="zh-CN", **more)


def test_in_wechat_it_reads_with_a_network_tells_a_changed_pdf_and_believes_the_logs_proof_after_a_theft(app, browser):
    scene = printed()
    root, certificate = publish(scene), scene.certificates[0]
    context = wechat(browser, service_workers="block")
    page = context.new_page()
    with serving(app) as address:
        page.goto(address + "/scan")
        page.get_by_label("照片、截图或 PDF").set_input_files(file_of(certificate))
        page.get_by_role("heading", name="有效", exact=True).wait_for()
        assert page.get_by_text("联网查询的结果").is_visible()
        assert page.get_by_text("逐字节相同").is_visible()
        longer = file_of(certificate) | {"buffer": certificate.file.read() + b"\n"}
        page.get_by_label("照片、截图或 PDF").set_input_files(longer)
        page.get_by_text("不是发证时的原件").wait_for()

        compromise_key(Console(), db.session.get(IssuerKey, certificate.key_id).kid, clock.now())
        publish_trust_list(Console(), trust_list.sign(trust.next_list(), root), root.public_key)
        page.route("**/api/**", lambda route: route.abort())
        page.reload()
        page.get_by_label("或输入证书编号、链接").fill(link_to(certificate.token))
        page.get_by_role("button", name="查验").click()
        page.get_by_text("签发这本证书的密钥后来泄露了").wait_for()
        page.get_by_label("照片、截图或 PDF").set_input_files(file_of(certificate))
        page.get_by_text("公开日志在那之前的 2025-08-20 12:00 已经记下这本证书").wait_for()
        assert page.get_by_role("heading", name="有效", exact=True).is_visible()
        seen(page, "scan-stolen-key-logged")
    context.close()


def test_in_wechat_without_scripts_the_plain_page_does(app, browser):
    scene = printed()
    first, second = scene.certificates
    revoke(scene.issuer, second.id, Reason.FRAUD, "替考")
    context = wechat(browser, java_script_enabled=False)
    page = context.new_page()
    with serving(app) as address:
        page.goto(address + "/scan")
        assert not page.get_by_role("button", name="打开相机扫码").is_visible()
        picture(page, "scan-plain")
        assert_no_sideways_scroll(page)
        page.get_by_label("照片、截图或 PDF").set_input_files(file_of(first))
        page.get_by_role("button", name="查验").click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("有效")
        page.goto(address + "/scan")
        page.get_by_label("或输入证书编号、链接").fill(second.number)
        page.get_by_role("button", name="查验").click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("已撤销")
    context.close()
