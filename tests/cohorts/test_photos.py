"""The photos of a cohort in one ZIP: whose each is, what cannot be kept and why, and then all of the good ones or none."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image

from lbcert.cohorts.operations.enrolment import leave
from lbcert.cohorts.operations.photos import discard_photos, import_photos, receive_photos
from lbcert.core.archive import Limits, open_archive
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.core.findings import Refused
from lbcert.core.staging import SheetRow, findings_of
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.cohorts.world import reread, rules_of


def picture(kind="JPEG", width=300, height=400, colour=120):
    written = BytesIO()
    Image.new("RGB", (width, height), (colour, 90, 60)).save(written, kind)
    return written.getvalue()


def zipped(files):
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.fixture
def group(world):
    cohort = world.draft()
    world.learners(cohort, 4)
    for name in ("王小明", "王小明", "沙马·拉毕"):
        make.enrolment(cohort, make.person(name))
    return cohort


def test_each_file_is_told_whose_it_is_or_why_not(world, group):
    one, two, three, four, wang, _, shama = (row.person for row in reread(group).enrolments)
    wrong_digit = one.id_number[:17] + ("1" if one.id_number[17] != "1" else "2")
    stranger = make.id_number()
    sent = zipped({
        f"照片/{one.id_number}.jpg": picture(),
        f"照片/{two.name}_{two.id_number.lower()}.PNG": picture("PNG"),
        "沙马•拉毕.jpeg": picture(),
        "王小明.jpg": picture(),
        f"{wrong_digit}.jpg": picture(),
        f"{stranger}.jpg": picture(),
        f"张三_{three.id_number}.jpg": picture(),
        f"{four.id_number}.jpg": picture(width=100, height=100),
        f"{four.name}.jpg": b"no picture",
        "名册.docx": b"PK",
        f"../{three.name}.jpg": picture(),
        "__MACOSX/._1.jpg": b"litter",
        f"a/{wang.id_number}.jpg": picture(colour=1),
        f"b/{wang.id_number}.jpg": picture(colour=2),
    })  # fmt: skip
    staged = receive_photos(world.clerk, group.id, sent, "照片.zip")
    found = [{finding.rule for finding in row.said if finding.stops} for row in staged.rows]
    assert found == [
        set(), set(), set(), {"cohorts.photo_name_shared"}, {"id_number.check"}, {"cohorts.photo_stranger"},
        {"cohorts.photo_of_another"}, {"parties.photo_small"}, {"parties.photo_format"},
        {"archive.ending", "cohorts.photo_stranger"}, {"archive.path"}, {"cohorts.photo_twice"}, {"cohorts.photo_twice"},
    ]  # fmt: skip
    (general,) = findings_of(staged)
    assert str(general.message).startswith("还有 4 名学员没有照片")
    said = "".join(str(finding.message) for row in staged.rows for finding in row.said)
    assert not any(number in said for number in (one.id_number, stranger, wrong_digit, three.id_number))
    assert (staged.good, staged.total) == (3, 13)
    assert db.session.query(StoredFile).count() == 0, "nothing counts before the import"
    import_photos(world.clerk, staged.id)
    assert [reread(who).photo_id is not None for who in (one, two, shama, three)] == [True, True, True, False]
    assert db.session.query(SheetRow).count() == 0, "no second copy of a photo stays behind"
    with pytest.raises(Refused) as again:
        import_photos(world.clerk, staged.id)
    assert rules_of(again) == {"sheets.decided"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_are_read_as_windows_and_macos_write_them_without_saying_how(encoding):
    name = "沙马·拉毕.jpg".encode(encoding)
    sent = zipped({"x" * len(name): b"", "y.jpg": b""}).replace(b"x" * len(name), name)
    assert [each.path for each in open_archive(sent, (".jpg",))] == ["沙马·拉毕.jpg", "y.jpg"]


def test_who_has_left_since_the_check_holds_all_back(world, group):
    first, second = reread(group).enrolments[:2]
    staged = receive_photos(
        world.clerk,
        group.id,
        zipped({f"{row.person.id_number}.jpg": picture() for row in (first, second)}),
        "照片.zip",
    )
    leave(world.clerk, first.id, group.starts_on, "外出")
    with pytest.raises(Refused) as caught:
        import_photos(world.clerk, staged.id)
    assert rules_of(caught) == {"sheets.outdated", "cohorts.photo_stranger"}
    assert reread(second.person).photo_id is None
    discard_photos(world.clerk, staged.id)
    assert db.session.query(SheetRow).count() == 0


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        (b"PK\x03\x04 broken", "archive.not_a_zip"),
        (zipped({"名册.docx": b"x"}), "archive.nothing_wanted"),
        (zipped({f"{n}.jpg": b"x" for n in range(6)}), "archive.too_many"),
        (zipped({"a.jpg": bytes(300_000), "b.jpg": bytes(300_000)}), "archive.unpacks_too_large"),
    ],
)
def test_what_is_beyond_the_limits_is_refused_whole(sent, rule):
    with pytest.raises(Refused) as caught:
        list(open_archive(sent, (".jpg",), Limits(files=5, file_bytes=100_000, unpacked_bytes=500_000)))
    assert rules_of(caught) == {rule}


def test_photos_go_in_by_the_pages_alone(app, world, group):
    browser, first = browser_of(app, world.clerk), reread(group).enrolments[0].person
    page = f"/cohorts/{group.id}/photos"
    assert browser.post(page, data={"file": (BytesIO(b""), "空.zip")}).status_code == 422
    sent = zipped({f"{first.id_number}.jpg": picture(), "路人.jpg": picture()})
    staged = browser.post(page, data={"file": (BytesIO(sent), "照片.zip")}).location
    listed = browser.get(staged).text
    assert "本班名册里没有“路人”" in listed
    assert first.id_number not in listed
    assert browser.post(f"{staged}/import").location == page
    with browser.get(f"/parties/persons/{first.id}/photo") as kept:
        assert kept.mimetype == "image/jpeg"
    assert browser.get(staged).status_code == 200
    assert browser.post(f"{staged}/discard").status_code == 422
