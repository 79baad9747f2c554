"""The plugin's own line of schema versions."""

from lbcert import migrations
from lbcert.core.database import Base
from lbcert_star_rating.hooks import lbcert_migrations

(LINE,) = lbcert_migrations()


def test_every_table_bears_the_prefix_and_none_is_the_core_s(app):
    assert LINE in migrations.lines()
    mapped = (mapper for mapper in Base.registry.mappers if "lbcert_star_rating" in mapper.class_.__module__)
    names = [mapper.local_table.name for mapper in mapped]
    assert len(names) > 5
    assert all(migrations.belongs(name, LINE) and not migrations.belongs(name, migrations.CORE) for name in names)
