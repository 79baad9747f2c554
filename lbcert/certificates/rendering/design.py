"""The look of one certificate type: ``template.html``, ``style.css`` and ``frame.svg``, from a folder or from an issuer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from PIL import Image, ImageOps

from lbcert.certificates import qr
from lbcert.core.findings import Refused, refuse
from lbcert.core.reference import SkillLevel
from lbcert.core.words import say
from lbcert.resources import folder

#: The photo as printed, 26 x 36 mm at 250 dpi, in points.
PHOTO = (256, 354)
#: The address at which a template finds the photo, the only one that a design may ask for.
PHOTO_ADDRESS = "given:photo"
#: The id of the element that keeps room for the QR.
QR_PLACE = "lbcert-qr"
_MOST_POINTS = 50_000_000


@dataclass(frozen=True)
class Attached:
    """A file that travels inside a certificate's PDF."""

    name: str
    data: bytes
    media_type: str
    #: for whoever lists the attachments
    description: str


@dataclass(frozen=True)
class Paper:
    """All that one certificate prints."""

    #: the frozen claims
    claims: Mapping[str, Any]
    #: the QR's link, upper case
    link: str
    #: the address at which a number is checked by hand, as printed
    check_at: str
    #: JPEG or PNG as it was sent in; None leaves a place to paste one
    photo: bytes | None = None
    #: printed right across, for papers that are worth nothing
    demo: bool = False
    #: what lets a program check it without us: token, claims, proof of the log
    attached: Sequence[Attached] = ()
    #: the code with which the holder opens the page of her own, as printed, and that page's address
    own_code: str = ""
    own_at: str = ""


@dataclass(frozen=True)
class Source:
    """The three texts of a design that an issuer made (`lbcert.certificates.rendering.bounds` runs it)."""

    template: str
    style: str
    #: SVG
    frame: str

    @classmethod
    def read(cls, place: Path) -> Source:
        """Read a design's folder."""
        return cls(
            *((place / name).read_text(encoding="utf-8") for name in ("template.html", "style.css", "frame.svg"))
        )


#: A shipped or a plugin's design is a folder, an issuer's own are three texts.
Look = Path | Source


@dataclass(frozen=True)
class Design:
    """A loaded design; compiled once a process."""

    template: Template
    style: str
    #: drawn under every page, as large as the page
    frame: str

    def page(self, paper: Paper, code: qr.Modules) -> str:
        """Fill the template with plain data; HTML. In place of its QR ``code`` there is room for it, found again as `QR_PLACE`."""
        side = f"{len(code) * qr.MODULE_MM:.2f}mm"
        room = Markup('<div id="{}" style="width: {}; height: {}"></div>').format(QR_PLACE, side, side)
        return self.template.render(
            claims=paper.claims, qr=room, check_at=paper.check_at, own_code=paper.own_code, own_at=paper.own_at,
            photo=paper.photo is not None, demo=paper.demo,
        )  # fmt: skip


def shipped_design(kind: str) -> Path:
    """Give the folder of a shipped type's design; plugins bring folders of their own."""
    return folder("templates") / "certificates" / kind


class Sandbox(ImmutableSandboxedEnvironment):
    """Runs a template on plain data: no loader, no name that is not given."""

    #: left to the run, where what grows too large is caught with its line
    intercepted_binops = frozenset({"*", "%", "+"})

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.filters |= {"chinese_date": chinese_date, "level": level, "plain": plain}
        self.globals = {"range": self.globals["range"]}


@cache
def load_design(look: Look) -> Design:
    """Load and compile a design. The template runs sandboxed, sees plain data, and stops at a name that is not given."""
    source = look if isinstance(look, Source) else Source.read(look)
    return Design(Sandbox().from_string(source.template), source.style, source.frame)


def chinese_date(iso: str) -> str:
    """Write ``2025-08-07`` as 2025年8月7日."""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def level(digit: str) -> str:
    """Write a level's digit as printed: ``5`` as 五级/初级工."""
    return str(SkillLevel(digit).label)


def plain(number: float) -> str:
    """Write hours or marks without a needless ``.0``."""
    return f"{number:g}"


def printed_photo(paper: Paper) -> bytes:
    """Cut a photo to its place and strip everything but the picture (a telephone writes where it was taken).

    Raises `Refused` (``certificates.photo``) naming the person.
    """
    try:
        upright = _upright(paper.photo or b"")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        name = paper.claims.get("name", "")
        message = say("{name} 的照片打不开：请上传 JPEG 或 PNG 格式的证件照", name=name)
        raise Refused([refuse("certificates.photo", message)]) from None
    file = BytesIO()
    ImageOps.fit(upright, PHOTO, Image.Resampling.HAMMING).save(file, "JPEG", quality=70, optimize=True)
    return file.getvalue()


def _upright(data: bytes) -> Image.Image:
    """Open a photo, turned as the camera was held."""
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        if picture.width * picture.height > _MOST_POINTS:
            raise ValueError("too many points")
        picture.draft("RGB", PHOTO)
        ImageOps.exif_transpose(picture, in_place=True)
        return picture if picture.mode == "RGB" else picture.convert("RGB")
