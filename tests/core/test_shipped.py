"""What ships with the program, put on file."""

from datetime import date

from lbcert.core.access import Console
from lbcert.core.database import db
from lbcert.core.reference import Region
from lbcert.core.shipped import load_reference
from lbcert.testing import factories


def test_the_shipped_regions_are_put_on_file_under_their_parents(app):
    load_reference(Console())
    assert db.session.get(Region, "530128").parent_code == "530100"
    assert db.session.get(Region, "530627100").parent_code == "530627"
    assert db.session.get(Region, "000000").parent_code is None
    old = db.session.get(Region, "340221")
    assert (old.name, old.valid_to, old.successor_code) == ("芜湖县", date(2020, 6, 30), "340210")


def test_loading_again_adds_nothing_and_takes_nothing_away(app):
    load_reference(Console())
    count = db.session.query(Region).count()
    factories.store(Region(code="530128001", name="本地新增的乡"))
    load_reference(Console())
    assert db.session.query(Region).count() == count + 1
