"""What ships with the program, put on file."""

from collections import Counter
from datetime import date

from lbcert.core.access import Console
from lbcert.core.database import db
from lbcert.core.reference import Region, ancestry, shipped_regions
from lbcert.core.shipped import load_reference
from lbcert.testing import factories


def test_the_shipped_regions_are_put_on_file_under_their_parents(app):
    load_reference(Console())
    assert db.session.get(Region, "530128").parent_code == "530100"
    assert db.session.get(Region, "530627100").parent_code == "530627"
    assert db.session.get(Region, "000000").parent_code is None
    old = db.session.get(Region, "340221")
    assert (old.name, old.valid_to, old.successor_code) == ("芜湖县", date(2020, 6, 30), "340210")


def test_every_county_in_force_ships_in_its_prefecture_and_province():
    shipped = {row["code"]: row for row in shipped_regions()}
    current = [code for code, row in shipped.items() if not row["valid_to"] and len(code) == len("530128")]
    assert len([code for code in current if code.endswith("0000")]) == 34 + 1  # and the nation
    assert len([code for code in current if not code.endswith("00")]) > 2_840
    assert [code for code in current if not set(ancestry(code)) <= shipped.keys()] == []
    named = Counter((ancestry(code)[1:2] or [""])[0] + shipped[code]["name"] for code in current)
    assert [name for name, count in named.items() if count > 1] == []


def test_loading_again_adds_nothing_and_takes_nothing_away(app):
    load_reference(Console())
    count = db.session.query(Region).count()
    factories.store(Region(code="530128001", name="本地新增的乡"))
    load_reference(Console())
    assert db.session.query(Region).count() == count + 1
