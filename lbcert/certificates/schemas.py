"""Frozen claims held against the JSON Schema of their type and version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say
from lbcert.resources import folder


def shipped_schema(kind: str, version: int) -> Path:
    """Give the path of a shipped type's schema; plugins bring paths of their own."""
    return folder("certs_schema") / kind / f"{version}.json"


def check_claims(claims: Mapping[str, Any], schema: Path) -> list[Finding]:
    """Check claims before they are frozen; each finding names the certificate's number and the field."""
    validator = _validator(schema)
    return [
        refuse(
            "certificates.claims",
            say(
                "证书 {number} 的“{field}”不符合规定的格式：{problem}",
                number=claims.get("number", "（无编号）"),
                field=".".join(map(str, error.absolute_path)) or "/",
                problem=error.message,
            ),
            f"certs_schema/{schema.parent.name}/{schema.name}",
        )
        for error in sorted(validator.iter_errors(dict(claims)), key=lambda error: list(map(str, error.absolute_path)))
    ]


@cache
def _validator(schema: Path) -> Draft202012Validator:
    definition = json.loads(schema.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(definition)
    return Draft202012Validator(definition, format_checker=Draft202012Validator.FORMAT_CHECKER)
