"""Packages that anybody checks without us: files with a list of their hashes, signed with the site's own key.

A package is a zip of `manifest.json` (canonical JSON: sorted names, no blanks, UTF-8), its Ed25519 signature (RFC 8032)
in `manifest.sig`, the public key in `public-key.pem`, and the files that the manifest names with size and SHA-256. Who
has OpenSSL needs nothing of ours to check one.
"""

import base64
import binascii
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.sealing import derived
from kezhuan.engines.zips import UNREADABLE, opened

FORMAT = "kezhuan-package-1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public-key.pem"
LARGEST_MANIFEST = 20_000_000
_OWN = (MANIFEST, SIGNATURE, PUBLIC_KEY)
_BLOCK = 1 << 16
_MOMENT = (2000, 1, 1, 0, 0, 0)
"""Every member's time: the same files make the same package."""


def key_of(secret: str) -> Ed25519PrivateKey:
    """The signing key of a site, made of its secret: it is kept where that is, and another secret makes another key."""
    return Ed25519PrivateKey.from_private_bytes(derived(secret.encode(), "signed packages"))


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half, as Base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def pem_of(public: str) -> str:
    """A public key as OpenSSL reads it."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def read_public(text: str) -> str:
    """A public key as people hand it on, Base64 or PEM, as Base64 of its bytes. Raises `ValueError`."""
    if "BEGIN" in text:
        try:
            key = serialization.load_pem_public_key(text.strip().encode())
        except UnsupportedAlgorithm as strange:
            raise ValueError("no Ed25519 key") from strange
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("no Ed25519 key")
        return base64.b64encode(key.public_bytes_raw()).decode()
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as strange:
        raise ValueError("no Base64") from strange
    return base64.b64encode(Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw()).decode()


def packed(about: Mapping[str, Any], files: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """The bytes of a package: the files by their names in it, and what the manifest says beside them."""
    public = public_of(key)
    listed = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    manifest = canonical({**about, "format": FORMAT, "key": public, "files": listed})
    own = {MANIFEST: manifest, SIGNATURE: key.sign(manifest), PUBLIC_KEY: pem_of(public).encode()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in {**own, **files}.items():
            folder.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def canonical(told: Mapping[str, Any]) -> bytes:
    """The one form in which a manifest is signed."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Checked:
    """A package that is whole: what its manifest says, and the key that signed it."""

    manifest: dict[str, Any]
    public: str


def check_package(content: bytes, public: str = "") -> Checked:
    """Check a package, and where a public key is given (Base64) that this one signed it. Raises `Unfit`, which names
    what is not as it was signed: the manifest, the key, or a file."""
    try:
        with opened(content) as folder:
            names = [one.filename for one in folder.infolist()]
            if twice := next((name for name in names if names.count(name) > 1), ""):
                raise _unfit("package-twice", f"包内有两个“{twice}”。", f"The package holds “{twice}” twice.")
            checked = _signed(folder, names, public)
            _check_files(folder, names, checked.manifest["files"])
            return checked
    except UNREADABLE:
        raise _unfit(
            "package-unreadable",
            "这不是完好的签名包：请使用系统导出的 zip 原文件。",
            "This is no sound signed package: take the zip file as the system has made it.",
        ) from None


def _signed(folder: zipfile.ZipFile, names: list[str], public: str) -> Checked:
    for name in _OWN:
        if name not in names:
            raise _unfit("package-lacks", f"包内缺少“{name}”。", f"The package lacks “{name}”.")
    content = _read(folder, MANIFEST, LARGEST_MANIFEST)
    manifest = _manifest(content)
    try:
        beside = read_public(_read(folder, PUBLIC_KEY, _BLOCK).decode())
    except ValueError:
        beside = ""
    if beside != manifest["key"]:
        raise _unfit(
            "package-key",
            f"“{PUBLIC_KEY}”与清单所载公钥不同，其一已被改动。",
            f"“{PUBLIC_KEY}” is not the key that the manifest names: one of them was changed.",
        )
    if public and public != manifest["key"]:
        raise _unfit(
            "package-other-key",
            f"此包由另一公钥 {manifest['key']} 签名，不是所给的公钥。",
            f"This package is signed by another key, {manifest['key']}, not by the one that was given.",
        )
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(manifest["key"]))
        key.verify(_read(folder, SIGNATURE, _BLOCK), content)
    except InvalidSignature:
        raise _unfit(
            "package-signature",
            f"“{MANIFEST}”与签名“{SIGNATURE}”不符，其一在签名后被改动。",
            f"“{MANIFEST}” does not agree with “{SIGNATURE}”: one of them was changed since it was signed.",
        ) from None
    return Checked(manifest, manifest["key"])


def _manifest(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
        files = [(one["name"], one["size"], one["sha256"]) for one in told["files"]]
        if told["format"] != FORMAT or told["key"] != read_public(told["key"]) or canonical(told) != content:
            raise ValueError("not as it is written")
        if any(not isinstance(name, str) or not isinstance(size, int) for name, size, _hash in files):
            raise ValueError("not as it is written")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unfit(
            "package-manifest",
            f"“{MANIFEST}”读不懂或被改动。",
            f"“{MANIFEST}” cannot be read, or was changed.",
        ) from None
    return dict(told)


def _check_files(folder: zipfile.ZipFile, names: list[str], files: list[dict[str, Any]]) -> None:
    listed = {one["name"] for one in files}
    for name in names:
        if name not in listed and name not in _OWN:
            raise _unfit(
                "package-stranger", f"包内“{name}”不在签名清单中。", f"“{name}” is not in the list that was signed."
            )
    for one in files:
        name = one["name"]
        if name not in names:
            raise _unfit("package-lacks", f"包内缺少“{name}”。", f"The package lacks “{name}”.")
        if _digest(folder, name, one["size"]) != one["sha256"]:
            raise _unfit(
                "package-file",
                f"“{name}”与签名清单不符，在签名后被改动。",
                f"“{name}” does not agree with the list that was signed: it was changed.",
            )


def _digest(folder: zipfile.ZipFile, name: str, size: int) -> str:
    """The SHA-256 of a member, read block by block; nothing where it is not of this size or cannot be unpacked."""
    digest, seen = hashlib.sha256(), 0
    try:
        with folder.open(name) as stream:
            while block := stream.read(_BLOCK):
                seen += len(block)
                if seen > size:
                    return ""
                digest.update(block)
    except UNREADABLE:
        return ""
    return digest.hexdigest() if seen == size else ""


def _read(folder: zipfile.ZipFile, name: str, most: int) -> bytes:
    with folder.open(name) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ValueError("too large")
    return content


def _unfit(code: str, zh: str, en: str) -> Unfit:
    return Unfit([Finding(code, Words(zh, en))])
