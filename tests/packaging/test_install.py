"""What is installed is what was written: as a wheel, and as a checkout in use."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: folders of the checkout and their places in a wheel
PLACES = {"lbcert": "lbcert", "plugins": ".", "templates": "lbcert/templates", "certs_schema": "lbcert/certs_schema"}
#: made from npm's packages at set-up, so in the wheel without being in git
VENDOR = Path("lbcert/web/static/vendor")

#: Prints what an installation is made of.
INSPECT = """
import json, lbcert
from importlib.metadata import entry_points
from lbcert.resources import folder
parts = {name: str(folder(name)) for name in ("templates", "certs_schema")}
plugins = {point.name: point.load().__file__ for point in entry_points(group="lbcert.plugins")}
print(json.dumps({"lbcert": lbcert.__file__} | parts | plugins))
"""


def call(*command):
    """Run a command where no checkout can help it, and give what it prints."""
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def tracked(*folders):
    listed = call("git", "-C", ROOT, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--", *folders)
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Give a copy, so that building leaves nothing behind in the checkout itself."""
    copy = tmp_path_factory.mktemp("checkout")
    for path in tracked():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path)
    if (ROOT / VENDOR).is_dir():
        shutil.copytree(ROOT / VENDOR, copy / VENDOR)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    call(*build, "--wheel-dir", folder, checkout)
    return next(folder.glob("lbcert-*.whl"))


@pytest.fixture
def environment(tmp_path):
    """Give a virtual environment that has all that lbcert requires, and no lbcert."""
    call(sys.executable, "-m", "venv", "--without-pip", tmp_path)
    [packages] = tmp_path.glob("lib/python*/site-packages")
    (packages / "requirements.pth").write_text(sysconfig.get_path("purelib"))
    return tmp_path


def install(environment, *what):
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin/python", "install"]
    call(*pip, "--no-deps", "--no-index", "--no-build-isolation", *what)
    call(environment / "bin/lbcert", "--help")
    return json.loads(call(environment / "bin/python", "-c", INSPECT))


def test_a_wheel_carries_every_file_of_the_program(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    written = [path for path in tracked(*PLACES) if "tests" not in path.parts]
    missing = [
        str(path) for path in written if str(PLACES[path.parts[0]] / path.relative_to(path.parts[0])) not in carried
    ]
    assert missing == []  # a package that setup.cfg does not list, or a kind of file that package_data does not name


def test_a_wheel_carries_what_the_pages_are_dressed_in(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    files = (path for path in (ROOT / VENDOR).rglob("[!.]*") if path.is_file())
    dresses = [str(path.relative_to(ROOT)) for path in files]
    assert dresses
    assert [name for name in dresses if name not in carried] == []


def test_a_wheel_installs_complete(wheel, environment):
    parts = install(environment, wheel)
    assert set(parts) >= {"lbcert", "templates", "certs_schema", "star_rating"}
    assert [path for path in parts.values() if not Path(path).is_relative_to(environment)] == []


def test_an_editable_install_uses_the_checkout(checkout, environment):
    parts = install(environment, "--editable", checkout)
    assert set(parts) >= {"lbcert", "templates", "certs_schema", "star_rating"}
    assert [path for path in parts.values() if not Path(path).is_relative_to(checkout)] == []


#: Registries, credentials in addresses, and folders of somebody's machine. Bracketed, so as not to find itself.
PRIVATE = re.compile(
    r"[r]egistry\.npm|[n]pmmirror|[p]ypi\.org/simple|[p]ythonhosted|[i]ndex-url|[a]uthToken|//[^\s/@\"'{]+:[^\s/@\"']+@"
    r"|(?<![\w.])/(?:[r]oot|[h]ome|[w]ork|[f]arm)/"
)


def test_no_file_names_a_registry_or_somebodys_machine():
    texts = (
        (path, data.decode(errors="ignore")) for path in tracked() if b"\0" not in (data := (ROOT / path).read_bytes())
    )
    found = [f"{path}: {match[0]}" for path, text in texts for match in PRIVATE.finditer(text)]
    assert found == []
