"""The core by itself: no plugin is installed, and all of it works."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: An app for which no plugin is installed, in a process that never saw one.
ALONE = """
import json, sys
from unittest.mock import patch
with patch("lbcert.plugins.entry_points", lambda group: []):
    from lbcert.app import create_app
    app = create_app()
with app.app_context():
    from lbcert import migrations
    from sqlalchemy import inspect
    from lbcert.core.database import db
    migrations.upgrade()
    tables = inspect(db.engine).get_table_names()
    print(json.dumps({
        "lines": [line.name for line in migrations.lines()],
        "current": migrations.is_current(),
        "tables": tables,
        "plugins": [name for name in sys.modules if name.startswith("lbcert_")],
        "home": app.test_client().get("/").status_code,
        "stars": app.test_client().get("/stars/").status_code,
        "verify": app.test_client().get("/verify").text.count("<option"),
    }))
"""


def test_the_core_makes_its_tables_and_serves_with_every_plugin_gone(tmp_path):
    here = {
        **os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "LBCERT_HOME": str(tmp_path), "LBCERT_DATABASE_URL": f"sqlite:///{tmp_path}/core.db",
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=ROOT, env=here, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["lines"], found["current"], found["plugins"]) == (["core"], True, [])
    assert "certificates" in found["tables"]
    assert not any(name.startswith("star_rating_") for name in found["tables"])
    assert (found["home"], found["stars"]) == (200, 404)
    assert found["verify"] > 1
