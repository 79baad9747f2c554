"""What a database says of itself, as sets of lines: two databases with equal catalogues hold the same rows to the same rules."""

from __future__ import annotations

from sqlalchemy import Connection, text

_POSTGRESQL = (
    "SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' ' "
    "|| COALESCE(pg_get_expr(d.adbin, d.adrelid), '') FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
    "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped",
    "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)
_SQLITE = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def catalogue(connection: Connection, *, without: set[str]) -> set[str]:
    """Read it all, but for the tables ``without``."""
    if connection.dialect.name == "sqlite":
        found = {line for name, sql in connection.execute(text(_SQLITE)) for line in _lines(name, sql)}
    else:
        found = {line for query in _POSTGRESQL for line in connection.scalars(text(query))}
    return {line for line in found if not any(table in line for table in without)}


def _lines(name: str, sql: str) -> set[str]:
    """Take a table's columns and constraints one by one, since their order says nothing."""
    if not sql.startswith("CREATE TABLE"):
        return {" ".join(sql.split())}
    return {f"{name} {line.strip().rstrip(',')}" for line in sql.splitlines()[1:] if line.strip(" ,\t")}
