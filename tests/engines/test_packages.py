"""A signed package is checked without the system that made it: each part that was changed is named."""

import base64
import io
import json
import subprocess
import zipfile

import pytest

from kezhuan.config.commands import verify_package
from kezhuan.engines import packages
from kezhuan.engines.findings import Unfit

KEY = packages.key_of("x" * 40)
FILES = {"evidence/证据卷.json": b'{"a": 1}', "files/001-minutes.pdf": b"%PDF" * 9_000}
GOOD = packages.packed({"site": "https://city.example"}, FILES, KEY)


def changed(packing=zipfile.ZIP_DEFLATED, **edits):
    """The package with members replaced, added or (None) taken out."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as folder:
        held = {name: folder.read(name) for name in folder.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as folder:
        for name, content in {**held, **edits.get("files", {})}.items():
            if content is not None:
                folder.writestr(name, content)
    return target.getvalue()


def manifest(**more):
    with zipfile.ZipFile(io.BytesIO(GOOD)) as folder:
        told = json.loads(folder.read("manifest.json")) | more
    return packages.canonical(told)


OTHER = packages.key_of("y" * 40)
FORGED = manifest(key=packages.public_of(OTHER))


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({"files/001-minutes.pdf": b"%PDF other"}, "package-file", "files/001-minutes.pdf"),
        ({"evidence/证据卷.json": None}, "package-lacks", "evidence/证据卷.json"),
        ({"files/more.txt": b"x"}, "package-stranger", "files/more.txt"),
        ({"manifest.json": manifest(site="https://other.example")}, "package-signature", "manifest.json"),
        ({"manifest.json": b"{}"}, "package-manifest", "manifest.json"),
        ({"manifest.sig": bytes(64)}, "package-signature", "manifest.sig"),
        ({"public-key.pem": packages.pem_of(packages.public_of(OTHER)).encode()}, "package-key", "public-key.pem"),
        # Signed anew with a key of one's own it is sound in itself: the key that the site publishes tells.
        (
            {
                "manifest.json": FORGED,
                "manifest.sig": OTHER.sign(FORGED),
                "public-key.pem": packages.pem_of(packages.public_of(OTHER)).encode(),
            },
            "package-other-key",
            packages.public_of(OTHER),
        ),
    ],
)
def test_what_was_changed_is_named(files, code, named):
    with pytest.raises(Unfit) as stopped:
        packages.check_package(changed(files=files), packages.public_of(KEY))
    (found,) = stopped.value.findings
    assert (found.code, named in found.words.zh, named in found.words.en) == (code, True, True)


def test_what_unpacks_to_any_size_is_not_unpacked():
    with pytest.raises(Unfit) as stopped:
        packages.check_package(changed(packing=zipfile.ZIP_BZIP2), packages.public_of(KEY))
    assert [one.code for one in stopped.value.findings] == ["package-unreadable"]


def test_a_package_is_checked_by_the_command_and_by_openssl(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert packages.packed({"site": "https://city.example"}, FILES, KEY) == GOOD
    file, pem = tmp_path / "p.zip", tmp_path / "key.pem"
    file.write_bytes(GOOD)
    pem.write_text(packages.pem_of(packages.public_of(KEY)))
    assert verify_package.run([str(file)]) == 0
    assert "page of signing keys" in capsys.readouterr().out
    for key in (str(pem), packages.public_of(KEY)):
        assert verify_package.run([str(file), "--key", key, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["key_given"], [one["name"] for one in told["manifest"]["files"]]) == (True, list(FILES))
    assert verify_package.run([str(file), "--key", base64.b64encode(bytes(5)).decode()]) == 2
    assert verify_package.run([str(tmp_path / "none.zip")]) == 2
    file.write_bytes(changed(files={"files/001-minutes.pdf": b""}))
    assert verify_package.run([str(file)]) == 1
    file.write_bytes(GOOD[:-30])
    assert verify_package.run([str(file), "--json"]) == 1
    assert "package-unreadable" in capsys.readouterr().out
    with zipfile.ZipFile(io.BytesIO(GOOD)) as folder:
        folder.extractall(tmp_path)
    asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public-key.pem", "-rawin", "-in", "manifest.json",
             "-sigfile", "manifest.sig"]  # fmt: skip
    try:
        said = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no openssl here")
    assert "Verified Successfully" in said.stdout
