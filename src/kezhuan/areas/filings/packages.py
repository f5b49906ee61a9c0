"""The two files that go between a unit's own instance and its bureau's: the package of filings, and its receipt.

A package is a zip of `filings.json` and of the filed bytes by their hash; a receipt is a JSON file. Both are checked as
anything that strangers send: what they hold, how much of it, and that every content agrees with its hash.
"""

import hashlib
import io
import uuid
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.engines.zips import UNREADABLE, opened, read_member
from kezhuan.kernel.contents import MEGABYTE
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.notices import content_hash
from kezhuan.kernel.text import texts_in

LIST, FILES = "filings.json", "files/"
LARGEST = 50 * MEGABYTE
"""Bytes of a package: what a browser may send; more filings go into the next one."""
MOST_INSIDE = 2 * LARGEST
MOST_FILINGS = 1_000
_MOMENT = (2000, 1, 1, 0, 0, 0)
"""Every member's time: two packages of the same filings are the same bytes."""

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Word = Annotated[str, Field(max_length=200)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class PackedContent(_Told):
    """What a filing tells, frozen; see `kernel.filings.frozen`."""

    subject: Annotated[str, Field(pattern=r"\S", max_length=300)]
    facts: Annotated[list[tuple[Word, Annotated[str, Field(max_length=20_000)]]], Field(max_length=500)]
    text: Annotated[str, Field(max_length=500_000)]
    figures: Annotated[list[tuple[Word, Annotated[int, Field(ge=-(10**18), le=10**18)], date]], Field(max_length=50)]
    files: Annotated[list[tuple[Word, Hash]], Field(max_length=200)]


class FiledAbout(_Told):
    """The record that was filed, which stays with its unit: its kind, its names there, and which version of it."""

    kind: Annotated[str, Field(max_length=30)]
    uid: uuid.UUID
    code: Annotated[str, Field(max_length=30)]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class PackedFiling(_Told):
    """One filing as it stands at its unit's instance; with the form of its record where a case is opened of it."""

    uid: uuid.UUID
    code: Annotated[str, Field(max_length=30)]
    on: date
    number: Annotated[int, Field(ge=1, le=2**31 - 1)]
    about: FiledAbout
    note: Annotated[str, Field(max_length=2000)] = ""
    hash: Hash
    content: PackedContent
    form: Annotated[dict[Word, Annotated[str, Field(max_length=20_000)]], Field(max_length=200)] | None = None


class Unit(_Told):
    """The unit whose filings they are, by its 统一社会信用代码."""

    code: Annotated[str, Field(pattern="^[0-9A-Z]{18}$")]
    name: Word


class PackageList(_Told):
    """`filings.json`."""

    format: Literal["kezhuan-filings"] = "kezhuan-filings"
    version: Literal[1] = 1
    instance: Word
    unit: Unit
    region: Annotated[str, Field(pattern=r"^([0-9]{6})?$")] = ""
    programme: Annotated[str, Field(max_length=40)] = ""
    filings: Annotated[list[PackedFiling], Field(min_length=1, max_length=MOST_FILINGS)]


class TakenFiling(_Told):
    """A filing of a package, and the code under which the bureau keeps it."""

    uid: uuid.UUID
    code: Annotated[str, Field(max_length=30)]
    hash: Hash


class ReceiptTotal(_Told):
    """The sum of a figure over what stands at the bureau of this unit, in fen (分), for one year."""

    kind: Annotated[str, Field(max_length=30)]
    name: Annotated[str, Field(max_length=40)]
    year: int
    filings: int
    fen: int


class ReceiptFile(_Told):
    """A receipt: what the bureau holds of a package, and its totals of the unit's filings that stand there."""

    format: Literal["kezhuan-receipt"] = "kezhuan-receipt"
    version: Literal[1] = 1
    instance: Word
    package: Hash
    unit: Unit
    region: Annotated[str, Field(pattern=r"^([0-9]{6})?$")] = ""
    programme: Annotated[str, Field(max_length=40)] = ""
    taken_on: date
    filings: Annotated[list[TakenFiling], Field(max_length=MOST_FILINGS)]
    totals: Annotated[list[ReceiptTotal], Field(max_length=1_000)]


@dataclass(frozen=True)
class Package:
    """A package as it was read: what it lists, and the bytes of its files by hash."""

    sha256: str
    listed: PackageList
    files: dict[str, bytes]


def written(listed: PackageList, files: dict[str, bytes]) -> bytes:
    """The bytes of a package; the same for the same filings."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as folder:
        told = listed.model_dump_json(indent=1, exclude_none=True)
        folder.writestr(zipfile.ZipInfo(LIST, _MOMENT), told, zipfile.ZIP_DEFLATED)
        for digest in sorted(files):
            folder.writestr(zipfile.ZipInfo(f"{FILES}{digest}", _MOMENT), files[digest], zipfile.ZIP_DEFLATED)
    return target.getvalue()


def read_package(content: bytes) -> Package:
    """A package from its bytes; raises `Refused` for anything else, and where a content or a file is not that of its
    hash."""
    if len(content) > LARGEST:
        raise _unfit(_("A package has at most 50 MB."))
    try:
        with opened(content) as folder:
            if sum(one.file_size for one in folder.infolist()) > MOST_INSIDE:
                raise _unfit(_("This package unpacks to more than 100 MB and was not opened."))
            inside = {one.filename: read_member(folder, one) for one in folder.infolist()}
    except UNREADABLE:
        raise _unfit(
            _("This is no package of filings: choose the zip file that the unit's instance has made.")
        ) from None
    listed = _of_form(PackageList, inside.pop(LIST, b""))
    named = {name.removeprefix(FILES): one for name, one in inside.items()}
    files = {digest: one for digest, one in named.items() if hashlib.sha256(one).hexdigest() == digest}
    for filing in listed.filings:
        held = {digest for _name, digest in filing.content.files}
        if content_hash(filing.content.model_dump(mode="json")) != filing.hash or held - files.keys():
            raise _damaged(filing.code)
    return Package(hashlib.sha256(content).hexdigest(), listed, files)


def read_receipt_file(content: bytes) -> ReceiptFile:
    """A receipt from its bytes; raises `Refused` for anything else."""
    return _of_form(ReceiptFile, content)


_Form = TypeVar("_Form", bound=BaseModel)


def _of_form(form: type[_Form], content: bytes) -> _Form:
    try:
        told = form.model_validate_json(content)
        if any("\0" in text for text in texts_in(told.model_dump(mode="json"))):
            raise ValueError("PostgreSQL keeps no text with this character")
        return told
    except ValueError:  # a ValidationError is one
        if form is ReceiptFile:
            raise _unfit(_("This is no receipt: choose the JSON file that the bureau has handed out.")) from None
        raise _unfit(_("The list of this package cannot be read; let its unit make it anew.")) from None


def _damaged(code: str) -> Refused:
    message = _("Filing %(code)s does not agree with its hash: the package was damaged or changed. Have it made anew.")
    return _unfit(message % {"code": code})


def _unfit(message: str) -> Refused:
    return Refused(Problem("package-unfit", message, "file"))
