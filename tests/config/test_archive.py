"""An archive that was cut short or altered in whatever place is refused in one sentence before anything is touched."""

import hashlib
import io
import random
import tarfile

import pytest
import zstandard

from kezhuan.config.commands import restore as restore_command
from kezhuan.config.copies import archive
from kezhuan.config.copies.archive import Damaged, Manifest, Writer

FILES = [b"first file\n" * 50, b"second file\n" * 70]


@pytest.fixture
def taken(tmp_path):
    """A small archive with every kind of member."""
    path = tmp_path / "city.tar.zst"
    with archive.open_fresh(path) as raw:
        writer = Writer(raw, Manifest(version="0", engine="sqlite", migrations=[("kernel", "0001_initial")]))
        writer.add("configuration/secret.key", b"k" * 64)
        writer.add_rows("kernel_record", iter([b'[1,"x"]\n', b'[2,"y"]\n']))
        names = sorted(hashlib.sha256(content).hexdigest() for content in FILES)
        for name in names:
            content = next(one for one in FILES if hashlib.sha256(one).hexdigest() == name)
            writer.add_document(name, len(content), io.BytesIO(content))
        manifest = writer.manifest
        manifest.tables["kernel_record"] = {"columns": ["id", "title"], "rows": 2, "sha256": "", "counter": 2}
        together = hashlib.sha256("".join(names).encode()).hexdigest()
        manifest.documents = {"count": 2, "bytes": 1, "sha256": together, "damaged": []}
        manifest.journal = {"seq": 0, "hash": ""}
        whole = writer.finish()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == whole
    return path


def test_whole_archive_tells_what_it_holds(taken, capsys):
    assert restore_command.run([str(taken), "--check"]) == 0
    said = capsys.readouterr().out
    assert "2 行" in said
    assert "2 份文件" in said


def test_truncated_or_altered_file_is_refused_and_changes_nothing(taken, monkeypatch, capsys):
    path = taken
    whole = path.read_bytes()
    monkeypatch.setattr(restore_command, "start_django", None)  # is not even reached
    places = sorted({*range(0, len(whole), len(whole) // 80), *range(20), *range(len(whole) - 40, len(whole))})
    for place in places:
        path.write_bytes(whole[:place])
        assert restore_command.run([str(path), "--replace"]) == 1, place
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        assert restore_command.run([str(path), "--replace"]) == 1, place
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 * len(places)
    assert all(str(path) in line and "未作任何改动" in line for line in said)


def test_file_that_ends_within_a_large_member_is_refused(tmp_path):
    path, content = tmp_path / "large", random.Random(1).randbytes(3 * archive.CHUNK)
    with archive.open_fresh(path) as raw:
        writer = Writer(raw, Manifest())
        writer.add_document(hashlib.sha256(content).hexdigest(), len(content), io.BytesIO(content))
        names = hashlib.sha256(hashlib.sha256(content).hexdigest().encode()).hexdigest()
        writer.manifest.documents = {"count": 1, "sha256": names}
        writer.finish()
    assert archive.check(path).documents["count"] == 1
    path.write_bytes(path.read_bytes()[: 2 * archive.CHUNK])
    with pytest.raises(Damaged):
        archive.check(path)


@pytest.mark.parametrize("addition", [b"\0", b"more", b"\x28\xb5\x2f\xfd\x00\x00\x01\x00\x00"])
def test_file_with_something_added_is_refused(taken, addition):
    path = taken
    path.write_bytes(path.read_bytes() + addition)
    with pytest.raises(Damaged):
        archive.check(path)


def rewritten(path, change):
    """The same archive with members changed by `change(name, content)`, packed and sealed anew."""
    packed = io.BytesIO()
    with (
        zstandard.ZstdCompressor().stream_writer(packed, closefd=False) as packer,
        tarfile.open(fileobj=packer, mode="w|") as made,
        path.open("rb") as raw,
    ):
        for name, _size, content in archive.members(raw):
            kept = change(name, content.read())
            if kept is not None:
                member = tarfile.TarInfo(name)
                member.size = len(kept)
                made.addfile(member, io.BytesIO(kept))
    whole = packed.getvalue()
    path.write_bytes(whole + archive._SKIPPED + hashlib.sha256(whole).digest())


@pytest.mark.parametrize(
    ("victim", "sentence"),
    [
        ("tables/kernel_record/000000.jsonl", "被改动"),
        ("configuration/secret.key", "被改动"),
        ("documents/", "被改动"),
        ("kezhuan.json", "被改动"),
    ],
)
def test_member_that_was_altered_is_named(taken, victim, sentence):
    path = taken
    rewritten(path, lambda name, content: content[:-1] + b"#" if name.startswith(victim) else content)
    with pytest.raises(Damaged, match=sentence) as refused:
        archive.check(path)
    assert victim in str(refused.value)


@pytest.mark.parametrize("victim", ["tables/kernel_record/000000.jsonl", "documents/", "manifest.json"])
def test_member_that_is_gone_is_missed(taken, victim):
    path = taken
    gone = iter([True])
    rewritten(path, lambda name, content: None if name.startswith(victim) and next(gone, False) else content)
    with pytest.raises(Damaged):
        archive.check(path)


def test_file_of_a_newer_version_is_told_from_a_damaged_one(taken, monkeypatch, capsys):
    path = taken
    monkeypatch.setattr(archive, "FORMAT", 0)
    with pytest.raises(Damaged, match="更新的版本"):
        archive.check(path)
