"""The page of hooks: whole, exact, and each example tried as an installed plugin."""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import tomllib
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import inspect as examine

from lbcert import hookspecs, migrations
from lbcert.app import HOOKS
from lbcert.brands.models import Brand, BrandPlugin
from lbcert.certificates.models import Certificate, Reason, Status
from lbcert.certificates.operations import replace, revoke, suspend
from lbcert.certificates.types import all_types
from lbcert.cohorts.operations import life
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.registrations import Ground
from lbcert.demand.operations import cancel_order, learner_steps_back, name_person
from lbcert.demo.cast import Cast
from lbcert.exams import operations as exams
from lbcert.exams.models import Result
from lbcert.parties.models import QualificationKind
from lbcert.parties.operations import record_qualification
from lbcert.plugins import PluginError, plugins
from lbcert.testing import factories
from lbcert.testing.fixtures import Visitor, browser_of, running
from lbcert.testing.plugins import also_installed, is_installed
from tests.certificates.scene import THE_DAY, issued
from tests.certificates.test_public_page import path_of, words_of
from tests.certificates.test_status import amend
from tests.cohorts.world import World
from tests.demand.demand_scene import june, line, order, scene  # noqa: F401 (fixtures)
from tests.exams import scene as stage

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/hooks.md").read_text(encoding="utf-8")
HOOK_NAMES = sorted(name for name in vars(hookspecs) if name.startswith("lbcert_"))
SECTIONS = {
    heading.partition("(")[0]: (heading, body)
    for heading, body in re.findall(r"^### `(.+?)`\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


def signature(name):
    """Write a hook's signature as one reads it in the code."""
    return name + str(inspect.signature(getattr(hookspecs, name))).replace("'", "")


def example(name):
    """Give the code of a hook's example."""
    (code,) = re.findall(r"^```python\n(.*?)^```", SECTIONS[name][1], re.MULTILINE | re.DOTALL)
    return code


def as_module(code, folder, name="lbcert_winter"):
    """Make a module of code, lying in a folder."""
    module = ModuleType(name)
    module.__file__ = str(folder / "__init__.py")
    exec(compile(code, module.__file__, "exec"), vars(module))  # noqa: S102 (our own page)
    return module


def test_every_hook_is_on_the_page_and_no_other():
    assert sorted(SECTIONS) == HOOK_NAMES


@pytest.mark.parametrize("name", HOOK_NAMES)
def test_its_heading_is_its_signature_and_its_section_says_all(name):
    heading, body = SECTIONS[name]
    assert heading == signature(name)
    kind = inspect.getdoc(getattr(hookspecs, name)).partition(":")[0]
    for part in (f"**{kind}.**", "- **Called** ", "- **Parameters** ", "- **Return** ", "- **The host** "):
        assert part in body, part
    assert f"def {name}(" in example(name)


@pytest.mark.parametrize("name", HOOK_NAMES)
def test_every_hook_has_a_test(name):
    assert f"test_{name}" in globals(), f"write test_{name} in this file: it tries the example of docs/hooks.md"


def test_every_hook_is_implemented_by_what_is_shipped():
    shipped = [folder for folder in sorted((ROOT / "plugins").glob("*/")) if is_installed(folder)]
    if not shipped:
        pytest.skip("no shipped plugin is installed")
    modules = [*HOOKS, *(importlib.import_module(folder.name) for folder in shipped)]
    assert [name for name in HOOK_NAMES if not any(hasattr(module, name) for module in modules)] == []


# Each example, as a plugin of an app of its own


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@contextmanager
def app_with(module, database, home):
    """Give an app that has ``module`` installed as the plugin winter."""
    with also_installed("winter", module), running(database, home) as made:
        made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        made.test_client_class = Visitor
        yield made


@pytest.fixture
def app(request, database, tmp_path):
    """Give the app with the example of the test's own hook."""
    module = as_module(example(request.node.name.removeprefix("test_")), tmp_path)
    with app_with(module, database, tmp_path / "home") as made:
        yield made


def switch_on(brand_id):
    factories.store(BrandPlugin(brand_id=brand_id, plugin="winter"))
    db.session.expire_all()


def test_lbcert_certificate_types(app, client, database, tmp_path):
    assert str(all_types()["winter_guide"].label) == "冬季向导证书"
    assert "冬季向导证书" in client.get("/verify").text
    clash = as_module(example("lbcert_certificate_types").replace("kind=7", "kind=2"), tmp_path)
    with (
        pytest.raises(PluginError, match=r"winter and lbcert\.certificates\.hooks both register kind"),
        app_with(clash, database, tmp_path),
    ):
        pass


def test_lbcert_rooms(app, client):
    assert "冬训开放日" in client.get("/winter/").text


def test_lbcert_session_patterns(app):
    clerk = factories.account(Role.PROVIDER_CLERK, school := factories.organisation())
    page = f"/teaching/cohorts/{factories.cohort(school).id}/pattern"
    browser = browser_of(app, clerk)
    assert "冬闲班" in browser.get(page).text
    browser.post(page, data={"names": "winter_slack"})
    assert "工作日、周末：09:00–12:00" in words_of(browser.get(page).text)


def test_lbcert_migrations(app, tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_breaks.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('winter_breaks', sa.Column('id', sa.Integer, primary_key=True))\n",
        "utf-8",
    )
    line = next(line for line in migrations.lines() if line.name == "winter")
    assert not migrations.belongs("winter_breaks", migrations.CORE)
    migrations.upgrade_line(line)
    assert {"winter_breaks", "winter_version"} <= set(examine(db.engine).get_table_names())
    migrations.upgrade_line(line)


def test_lbcert_public_parts(app, client):
    certificate = issued().certificates[0]
    assert "开放日" not in client.get(path_of(certificate)).text
    switch_on(certificate.brand_id)
    assert "冬训 开放日 2025-12-20" in words_of(client.get(path_of(certificate)).text)
    told = client.get(path_of(certificate), headers={"Accept": "application/json"}).json["parts"]
    assert told == [{"name": "winter.season", "title": "冬训", "fields": [{"label": "开放日", "value": "2025-12-20"}]}]


def test_lbcert_check_cohort_step(app):
    world = World()
    cohort = world.complete()
    switch_on(cohort.brand_id)
    with pytest.raises(Refused, match="冬训班不超过 2 人") as caught:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert "winter.small" in caught.value


def test_lbcert_check_qualification(app):
    clerk = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)
    who = factories.person().id
    facts = (QualificationKind.SPECIAL_ABILITY, "dx 123", "冬训中心", THE_DAY.date())
    with pytest.raises(Refused, match="应为 8 位，现为 DX123"):
        record_qualification(clerk, who, *facts)


def test_lbcert_order_cancelled(app, scene):  # noqa: F811
    made = order(scene)
    taught_by = factories.brand(region=factories.NINGLANG, items=[scene.care])
    switch_on(taught_by.id)
    notes = cancel_order(scene.officer, made.id, "企业停产").notes
    assert "腾出 1 批冬装" in [str(note.message) for note in notes]


def test_lbcert_seat_given_up(app, scene):  # noqa: F811
    targeted = order(scene, line(scene.care, 1, targeted=True)).lines[0]
    switch_on(factories.brand(region=factories.NINGLANG, items=[scene.care]).id)
    seat = name_person(scene.clerk, targeted.id, factories.person().id)
    with pytest.raises(Refused, match="冬训名额已结算"):
        learner_steps_back(scene.officer, seat.id, "另有安排")


def test_lbcert_check_staff(app):
    exam = stage.ready()
    batch = exams.plan_batch(exam.clerk, exam.cohort.id, exam.body.id, stage.HELD, "考点")
    helper = factories.person("志愿者甲", category="冬训志愿者")
    appoint = (exams.appoint, exam.clerk, batch.id, helper.id, stage.Post.INVIGILATOR)
    assert appoint[0](*appoint[1:-2], factories.person().id, stage.Post.INVIGILATOR)
    switch_on(exam.cohort.brand_id)
    assert stage.rules_of(stage.refused(*appoint)) == {"winter.volunteer"}


def test_lbcert_result_changed(app):
    made = issued()
    switch_on(made.cohort.brand_id)
    with pytest.raises(Refused, match="已归档"):
        amend(made, 40)
    assert made.certificates[0].status is Status.VALID
    assert db.session.query(Result).filter(Result.replaces_id.is_not(None)).count() == 0


def test_lbcert_certificate_changed(app):
    made = issued()
    certificate = made.certificates[0]
    switch_on(made.cohort.brand_id)
    suspend(made.issuer, certificate.id, Reason.UNDER_REVIEW, "接到举报")
    with pytest.raises(Refused, match=f"冬训季内不撤销 {certificate.number}"):
        revoke(made.issuer, certificate.id, Reason.FRAUD, "替考")
    assert certificate.status is Status.SUSPENDED


def test_lbcert_draft_again(app):
    made = issued()
    medal, unknown = (awarded_as(made.certificates[0], ref) for ref in ("winter_medals:1", "summer_medals:1"))
    switch_on(made.cohort.brand_id)
    for certificate, said in ((medal, "只发一次"), (unknown, "不能换发")):
        with pytest.raises(Refused, match=said):
            replace(made.issuer, certificate.id, Reason.DAMAGED, "遗失")
        assert certificate.status is Status.VALID


def test_lbcert_todo(app):
    pages = {
        role: browser_of(app, factories.account(role, factories.LUQUAN)).get("/").text
        for role in (Role.REVIEWER, Role.AUDITOR)
    }
    assert "冬训评审：还有 3 人" in pages[Role.REVIEWER]
    assert "冬训评审" not in pages[Role.AUDITOR]


def test_lbcert_demo(app):
    officer = factories.account(Role.BUREAU_OFFICER, factories.NINGLANG)
    cast = Cast(accounts={"ninglang-bureau": officer.id})
    plugins().for_brand(["winter"]).lbcert_demo(cast=cast, today=THE_DAY.date())
    assert db.session.query(Brand).filter_by(name="冬训2025", region_code=factories.NINGLANG).one()


def awarded_as(certificate, ref):
    """Give a certificate of the same person on an award of some plugin."""
    columns = {column.key: getattr(certificate, column.key) for column in examine(Certificate).column_attrs}
    own = {"id": None, "type": "medal", "ground": Ground.AWARD, "result_id": None, "award_ref": ref, "number": ref}
    unique = {"token_digest": ref, "cti": ref[:16], "status_index": certificate.status_index ^ len(ref) ^ ord(ref[0])}
    return factories.store(Certificate(**{**columns, **own, **unique}))


# A plugin that fails


@pytest.mark.parametrize(
    "answer",
    [
        "1 / 0",
        "['no part']",
        "db.session.scalar(select(literal_column('no_such_column')))",
        "db.session.add(BrandPlugin(brand_id=certificate.brand_id, plugin='sly')) or db.session.flush()",
        "[PagePart('winter.season', say('{gap}', other=1), [])]",
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_public_page_stands_whatever_a_plugin_does(request, tmp_path, caplog, answer, kind):
    code = f"""
from sqlalchemy import literal_column, select
from lbcert.brands.models import Brand, BrandPlugin
from lbcert.core.database import db
from lbcert.core.registrations import PagePart
from lbcert.core.words import say
from lbcert.hookspecs import hookimpl

@hookimpl
def lbcert_public_parts(certificate):
    return {answer}
"""
    module = as_module(code, tmp_path)
    with (
        request.getfixturevalue(f"{kind}_databases").fresh() as database,
        app_with(module, database, tmp_path / "home") as app,
    ):
        certificate = issued().certificates[0]
        switch_on(certificate.brand_id)
        with caplog.at_level(logging.ERROR):
            answered = app.test_client().post("/verify", data={"number": certificate.number, "last_four": "0000"})
        assert answered.status_code == 200
        assert "有效" in words_of(answered.text)
        assert "后四位：不符" in words_of(answered.text)
        assert "plugin winter failed in lbcert_public_parts" in caplog.text
        assert db.session.query(BrandPlugin).filter_by(plugin="sly").count() == 0


# The README's own


def test_the_readme_s_plugin_in_20_lines_works(database, tmp_path):
    (code,) = re.findall(
        r"^```python\n(# lbcert_winter/.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (packing,) = re.findall(r"^```toml\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    project = tomllib.loads(packing)["project"]
    assert (project["name"], project["entry-points"]) == (
        "lbcert-winter",
        {"lbcert.plugins": {"winter": "lbcert_winter"}},
    )
    assert code.count("\n") + packing.count("\n") <= 20 + 1  # the blank line between them
    with app_with(as_module(code, tmp_path), database, tmp_path / "home"):
        world = World()
        cohort = world.complete(
            starts_on=THE_DAY.date().replace(year=2026, month=1), ends_on=THE_DAY.date().replace(year=2026, month=2)
        )

        def file():
            with pytest.raises(Refused) as caught:
                life.file_cohort(world.clerk, cohort.id, promises=False)
            return caught.value

        assert "winter.january" not in file()
        switch_on(cohort.brand_id)
        assert "winter.january" in file()
        assert plugins().names[-1] == "winter"
