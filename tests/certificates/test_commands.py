"""Keys, issue and verify on the command line."""

from __future__ import annotations

import json

import openpyxl
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lbcert.certificates.models import Reason
from lbcert.certificates.operations import revoke
from lbcert.certificates.queries import trust
from lbcert.certificates.token import link, trust_list
from lbcert.certificates.token.keys import spki
from lbcert.cli import main
from lbcert.core.database import db
from lbcert.parties.models import Account
from tests.certificates.scene import PREFIX, issued, printed, published


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def lbcert(app, monkeypatch):
    """Run the command on the test's own installation."""
    settings = app.config["LBCERT"]
    monkeypatch.setenv("LBCERT_HOME", str(settings.home))
    monkeypatch.setenv("LBCERT_DATABASE_URL", settings.database_url)

    def run(*words):
        db.session.rollback()
        result = CliRunner().invoke(main, words)
        db.session.rollback()
        assert not isinstance(result.exception, Exception), result.exception
        return result

    return run


def test_the_first_key_is_made_once_and_listed(app, lbcert):
    first = lbcert("keys", "init").output
    assert lbcert("keys", "init").output == first
    assert first.split("\t")[1:3] == ["ES256", "active"]
    lbcert("keys", "new", "--from", "2030-01-01")
    assert next(line.split("\t")[3] for line in lbcert("keys", "list").output.splitlines()) == "2030-01-01"
    assert lbcert("keys", "new", "--brand", "77").exit_code == 1


def test_a_root_of_its_own_signs_the_list_through_rotation_theft_and_closing(app, lbcert, monkeypatch, tmp_path):
    root, mirror = tmp_path / "root.pem", tmp_path / "keys"
    monkeypatch.setenv("LBCERT_ROOT_PASSPHRASE", "zu-kurz")
    assert "root_passphrase_short" in lbcert("keys", "init", "--root", str(root)).output
    monkeypatch.setenv("LBCERT_ROOT_PASSPHRASE", "ein langer Satz für die Wurzel")
    made = lbcert("keys", "init", "--root", str(root))
    assert "第 1 期" in made.output
    assert root.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert root.stat().st_mode & 0o077 == 0
    kid = made.output.partition("\t")[0]

    rotated = lbcert("keys", "rotate", kid, "--alg", "ed25519", "--root", str(root)).output.splitlines()
    assert [line.split("\t")[1:3] for line in rotated[:2]] == [["ES256", "retired"], ["Ed25519", "active"]]
    stolen = rotated[1].partition("\t")[0]
    told = lbcert("keys", "compromise", stolen, "--since", "2025-01-01").output
    assert "0 本证书" in told
    assert "lbcert keys export --root" in told
    new = lbcert("keys", "new", "--root", str(root)).output.partition("\t")[0]
    assert "key_is_last" in lbcert("keys", "retire", new).output
    assert lbcert("keys", "export", "--root", str(root), "--to", str(mirror)).exit_code == 0
    public = load_pem_public_key((mirror / "root.pem").read_bytes())
    read = trust_list.read((mirror / "trust-list").read_bytes(), spki(public))
    assert read.number == 4
    assert {key.kid.hex(): key.state.value for key in read.keys.values()} == {
        kid: "retired", stolen: "compromised", new: "active",
    }  # fmt: skip

    monkeypatch.setenv("LBCERT_ROOT_PASSPHRASE", "ein anderer langer Satz")
    wrong = lbcert("keys", "close", "--reason", "撤并", "--root", str(root), "--yes")
    assert (wrong.exit_code, "root_file" in wrong.output) == (1, True)
    monkeypatch.setenv("LBCERT_ROOT_PASSPHRASE", "ein langer Satz für die Wurzel")
    assert lbcert("keys", "close", "--reason", "撤并", "--root", str(root), "--yes").exit_code == 0
    listed = lbcert("keys", "list").output
    assert "active" not in listed
    assert "第 5 期" in listed
    assert "没有截止日期" in listed


def test_an_account_issues_and_is_told_who_was_held_back(app, lbcert):
    scene = published(("张\ue000三", "李四", "王五"))
    user = db.session.get(Account, scene.issuer.id).user_name
    batch = scene.batch.number
    assert lbcert("issue", "--batch", str(scene.batch.id), "--as", user).exit_code == 1, "an id is no number"
    assert lbcert("issue", "--batch", batch, "--prefix", "S000053000999", "--as", user).exit_code == 1
    told = lbcert("issue", "--batch", batch, "--prefix", "S000053000123", "--as", user)
    assert told.exit_code == 0
    assert "已签发 1 份，暂缓 1 份" in told.output
    assert "certificates.missing_glyph" in told.output
    assert lbcert("issue", "--batch", batch, "--as", scene.clerk.user_name).exit_code == 1
    assert lbcert("issue", "--as", user).exit_code == 2


def test_a_certificate_for_pdfs_is_made_under_the_root_listed_and_withdrawn(app, lbcert, monkeypatch, tmp_path):
    monkeypatch.setenv("LBCERT_ROOT_PASSPHRASE", "ein langer Satz für die Wurzel")
    root = str(tmp_path / "root.pem")
    lbcert("keys", "init", "--root", root)
    first = lbcert("keys", "pdf", "new", "--root", root, "--name", "示例协会").output.split("\t")
    second = lbcert("keys", "pdf", "new", "--root", root).output.split("\t")
    assert (first[1], first[4], second[4]) == ("active", "示例协会\n", "localhost:8000\n")
    assert trust.files()["pdf-roots.pem"].count(b"BEGIN CERTIFICATE") == 1, "readers learn one root"
    assert lbcert("keys", "pdf", "withdraw", first[0][:8]).exit_code == 1
    assert lbcert("keys", "pdf", "withdraw", first[0]).output.split("\t")[1].startswith("withdrawn")
    assert [line.split("\t")[0] for line in lbcert("keys", "pdf", "list").output.splitlines()] == [second[0], first[0]]
    file = tmp_path / "a.p12"
    file.write_bytes(b"no")
    assert "pdf_file" in lbcert("keys", "pdf", "import", str(file), "--file-passphrase", "x").output


def test_a_link_a_number_and_a_file_are_verified_alike(app, lbcert, tmp_path):
    scene = printed(issued())
    certificate = scene.certificates[0]
    pdf = tmp_path / "证书.pdf"
    pdf.write_bytes(certificate.file.read())
    for what in (link.write("http://localhost:8000", certificate.token), certificate.number, str(pdf)):
        told = lbcert("verify", what)
        assert (told.exit_code, told.output.startswith("✓ 有效")) == (0, True), what
        assert "张*" in told.output
        assert "张三" not in told.output
    assert "逐字节相同" in lbcert("verify", str(pdf)).output
    pdf.write_bytes(certificate.file.read() + b"\n")
    assert "不是发证时的原件" in lbcert("verify", str(pdf)).output
    revoke(scene.issuer, certificate.id, Reason.FRAUD, "替考")
    told = lbcert("verify", str(pdf), "--json")
    assert json.loads(told.output)[0]["is_original"] is False
    assert (told.exit_code, json.loads(told.output)[0]["outcome"]) == (1, "revoked")
    assert lbcert("verify", f"{PREFIX}255999999").exit_code == 1
    assert "没有这个文件" in lbcert("verify", "nowhere.PDF").output, (
        "a name that was mistyped is no certificate that is not there"
    )


def test_a_file_without_a_certificate_is_said_to_be_none(app, lbcert, tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("no picture")
    told = lbcert("verify", str(text))
    assert told.exit_code == 1
    assert "qr.not_a_picture" in told.output


def test_a_sheet_and_a_folder_are_checked_into_a_sheet(app, lbcert, tmp_path):
    scene = printed(issued())
    folder, out = tmp_path / "收到的证书", tmp_path / "结果.xlsx"
    (folder / "甲").mkdir(parents=True)
    (folder / "甲/证书.pdf").write_bytes(scene.certificates[0].file.read())
    (folder / "说明.txt").write_text("not looked at")
    told = lbcert("verify", "--folder", str(folder), "--out", str(out))
    assert (told.exit_code, "有效 1" in told.output) == (0, True)
    assert [row[1].value for row in openpyxl.load_workbook(out).active.iter_rows(min_row=2)] == ["有效"]
    listed = tmp_path / "名单.csv"
    listed.write_text(f"证书编号\n{scene.certificates[0].number}\nX1\n", "utf-8")
    told = lbcert("verify", "--sheet", str(listed), "--out", str(out))
    assert (told.exit_code, "查无此证 1" in told.output) == (1, True)
    assert lbcert("verify", "--sheet", str(listed)).exit_code == 2
    assert lbcert("verify").exit_code == 2
