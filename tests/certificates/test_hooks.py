"""What the room registers and answers through hooks, and that two of a name stop the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

from lbcert.certificates import hooks
from lbcert.certificates.shipped import COMPLETION, SKILL_LEVEL
from lbcert.certificates.types import all_types, certificate_type
from lbcert.core.access import Role
from lbcert.core.findings import Missing, Refused
from lbcert.core.reference import SkillLevel
from lbcert.hookspecs import hookimpl
from lbcert.parties.models import QualificationKind
from lbcert.parties.operations import record_qualification
from lbcert.plugins import PluginError, Plugins
from lbcert.testing import factories as make
from tests.certificates.scene import issued


def plugin(*types):
    """Make a plugin that registers certificate types."""
    return SimpleNamespace(lbcert_certificate_types=hookimpl(lambda: list(types)))


@pytest.mark.parametrize("clash", [{"kind": 9}, {"name": "other"}], ids=["same name", "same kind"])
def test_a_type_registered_twice_stops_the_start_and_names_both(clash):
    loaded = Plugins()
    loaded.add_core(hooks)
    loaded.manager.register(plugin(replace(SKILL_LEVEL, **clash)), name="imitator")
    with pytest.raises(PluginError) as refusal:
        loaded.load([])
    assert "lbcert.certificates.hooks" in str(refusal.value)
    assert "imitator" in str(refusal.value)


def test_one_plugin_that_names_a_type_twice_is_caught_too():
    loaded = Plugins()
    loaded.manager.register(plugin(COMPLETION, COMPLETION), name="twice")
    with pytest.raises(PluginError):
        loaded.load(list[EntryPoint]())


def test_the_cores_types_are_there_with_schema_and_design(app):
    for name in ("completion", "skill_level"):
        kind = certificate_type(name)
        assert kind.schema().is_file()
        assert (kind.design / "template.html").is_file()
    assert all_types()["skill_level"].level_label(5) == SkillLevel.FIVE.label
    with pytest.raises(Missing):
        certificate_type("none")


def refused(number, kind=QualificationKind.SKILL_LEVEL, level=SkillLevel.FIVE):
    """Record a certificate brought along, and give the rules that refused it."""
    officer = make.account(Role.BUREAU_OFFICER, make.LUQUAN)
    try:
        record_qualification(officer, make.person().id, kind, number, "某评价中心", date(2025, 6, 1), level=level)
    except Refused as refusal:
        return {finding.rule for finding in refusal.findings}
    return set()


def test_a_number_from_elsewhere_fits_a_rule_of_the_state_its_year_and_its_level(app):
    assert refused("S000053000999255000001") == set()
    assert refused("1553003001500123") == set()
    assert refused("S00005300099925500001") == {"certificates.number_scheme"}
    assert refused("S000053000999245000001") == {"number.other_year"}
    assert refused("S000053000999254000001") == {"number.other_level"}
    assert refused("S000000000999255000001") == {"number.province"}
    assert refused("某字第 7 号", QualificationKind.SPECIAL_ABILITY, None) == set()


def test_a_certificate_of_ours_is_not_recorded_once_more(app):
    assert "certificates.ours" in refused(issued().certificates[0].number)
