"""What waits for an account: each room says it of its own, the first page gathers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lbcert.core.words import Message


@dataclass(frozen=True)
class Todo:
    """Something that waits for an account: in words, and the page where it is done."""

    message: Message
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
