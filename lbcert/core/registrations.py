"""What the core and plugins register at start: frozen dataclasses, each with a name of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any

from lbcert.core.words import Message
from lbcert.core.workdays import DayKind
from lbcert.resources import folder

Claims = Mapping[str, Any]
#: What a public page shows of a certificate: label and value, in the order of print.
Fields = Sequence[tuple[Message, Message | str]]


class Ground(StrEnum):
    """What a certificate rests on: the school's own test, a published assessment result, a public notice that ended."""

    COMPLETION = "completion"
    RESULT = "result"
    AWARD = "award"


def _no_level(_level: int) -> None:
    return None


@dataclass(frozen=True)
class PublicCertificate:
    """A certificate whose page somebody opened, as far as a plugin needs it to say more."""

    type: str
    number: str
    brand_id: int
    person_id: int
    #: Neither expired nor suspended, revoked or replaced.
    stands: bool


@dataclass(frozen=True)
class PagePart:
    """A section that a plugin adds to a page: a heading, and lines of label and value. Text alone, no markup."""

    #: Bears the plugin's prefix; stands in the JSON of the page.
    name: str
    title: Message
    fields: Fields

    def __post_init__(self) -> None:
        """Fail where it is made, not on the page: a title that is no ``Message``, or one whose gaps are not filled."""
        for text in (self.title, *(text for line in self.fields for text in line)):
            str(text)


@dataclass(frozen=True)
class Line:
    """A line of schema versions: the core's, or that of a plugin, whose tables all bear ``prefix``."""

    name: str
    #: The folder of its versions, ``0001_….py`` and up.
    versions: Path
    prefix: str = ""

    @property
    def version_table(self) -> str:
        """Where the database keeps how far this line got."""
        return f"{self.prefix}version" if self.prefix else "lbcert_version"


@dataclass(frozen=True)
class Sample:
    """Made-up claims of a type, with which its designs are tried; the label says what is hard about them."""

    label: Message
    claims: Claims
    has_photo: bool = True


@dataclass(frozen=True)
class CertificateType:
    """A type of certificate: its number in the token, its ground, and where its schema and its design lie."""

    name: str
    #: Number in the token, 1 to 6 as the format names them, 7 and up for others; a printed one never changes.
    kind: int
    label: Message
    ground: Ground
    #: Of ``certs_schema/<name>/<version>.json``, or of ``schema/<version>.json`` in a plugin's ``folder``.
    schema_version: int
    #: Kept with each certificate; a PDF is rendered once and never again.
    template_version: int
    #: Gives the printed fields of claims in which the name is masked and the ID number left out.
    fields: Callable[[Claims], Fields]
    #: A plugin's own folder, with ``schema/`` and the design ``template.html``, ``style.css``, ``frame.svg``.
    folder: Path | None = None
    #: Value of ``parties.QualificationKind`` under which it counts among what its holder has; empty where it does not.
    qualification: str = ""
    #: Why a certificate of the type is never renewed; None where its ground speaks for its holder after its end too.
    no_renewal: Message | None = None
    #: What the level in the token is called.
    level_label: Callable[[int], Message | None] = _no_level
    #: With which a design is tried, the usual one first; without any, issuers make no design of the type.
    samples: Sequence[Sample] = ()

    @property
    def design(self) -> Path:
        """The folder of the design."""
        return self.folder or folder("templates") / "certificates" / self.name

    def schema(self, version: int | None = None) -> Path:
        """Give the JSON Schema of a version, by default of the one that is issued now."""
        place = self.folder / "schema" if self.folder else folder("certs_schema") / self.name
        return place / f"{version or self.schema_version}.json"


@dataclass(frozen=True)
class Window:
    """When a class may be taught: on days of these kinds, from one time of day to another."""

    days: frozenset[DayKind]
    starts: time | None = None
    ends: time | None = None
    #: Of these days, Monday being 0; none named, all of them.
    weekdays: frozenset[int] = frozenset()
    #: The policy key whose value at the site (``20:00-23:00``) gives the times; no value on file, the whole day.
    setting: str = ""
    #: Kinds (``theory``, ``practice``) and ways (``on_site``, ``online``, ``field``, ``workplace``) of lessons for which it is alone; none: all.
    lessons: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SessionPattern:
    """A pattern that a cohort may be taught in (班型): its windows together."""

    name: str
    label: Message
    windows: Sequence[Window]
