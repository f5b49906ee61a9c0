"""A setting that cannot be used is told in one sentence, in the language of the terminal."""

import multiprocessing
import re
from pathlib import Path

import pytest
from django.utils.translation import override

from kezhuan.config import environment, settings
from kezhuan.config.environment import BadSetting
from kezhuan.kernel.text import in_either


def refused(monkeypatch, read):
    """The sentence in Chinese and in English."""
    said = []
    for locale in ("C.UTF-8", "en_GB.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(BadSetting) as raised:
            read()
        said.append(str(raised.value))
    assert all("\n" not in sentence for sentence in said)
    assert said[0] != said[1]
    return said


def test_every_setting_that_is_read_may_be_set():
    """A name that `KNOWN` leaves out is refused at the start, however well it is read and documented."""
    read = set(re.findall(r"\"(KEZHUAN_[A-Z_]+)\"", Path(settings.__file__).read_text(encoding="utf-8")))
    assert {"KEZHUAN_CITY", "KEZHUAN_REGISTRATION_AGENCY"} <= read
    environment.check_names(dict.fromkeys(read, ""))


@pytest.mark.parametrize(
    "url",
    [
        "postgres://[::1/x",
        "postgres://host/x?foo=bar",
        "postgres://host:99999/x",
        "postgres://host:abc/x",
        "postgres://host/",
        "mysql://host/x",
    ],
)
def test_database_address_that_cannot_be_read_names_the_setting(monkeypatch, tmp_path, url):
    said = refused(monkeypatch, lambda: environment.database(tmp_path, {"KEZHUAN_DATABASE_URL": url}))
    assert all(sentence.startswith("KEZHUAN_DATABASE_URL") for sentence in said)


def test_database_address_with_known_options_is_taken_apart(tmp_path):
    url = "postgres://me:a%2Fb@[::1]:6000/city?sslmode=require"
    found = environment.database(tmp_path, {"KEZHUAN_DATABASE_URL": url})
    named = {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    assert named == {
        "NAME": "city",
        "USER": "me",
        "PASSWORD": "a/b",
        "HOST": "::1",
        "PORT": "6000",
        "OPTIONS": {**environment.NOTICED, "sslmode": "require"},
    }


def test_of_several_hosts_the_one_that_takes_writes_is_asked_for(tmp_path):
    found = environment.database(tmp_path, {"KEZHUAN_DATABASE_URL": "postgres://me:x@a:5432,b:5433/city"})
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("a,b", "5432,5433", "city")
    assert found["OPTIONS"] == {**environment.NOTICED, "target_session_attrs": "read-write"}
    url = "postgres://me:x@a,b/city?target_session_attrs=any&connect_timeout=2"
    options = environment.database(tmp_path, {"KEZHUAN_DATABASE_URL": url})["OPTIONS"]
    assert options == {**environment.NOTICED, "target_session_attrs": "any", "connect_timeout": "2"}


def test_password_that_is_not_percent_encoded_is_not_told(monkeypatch, tmp_path):
    said = refused(
        monkeypatch, lambda: environment.database(tmp_path, {"KEZHUAN_DATABASE_URL": "postgres://me:geh%eim@h/x"})
    )
    assert not any("geh" in sentence for sentence in said)


@pytest.mark.parametrize("given", ["4401", "44010x", "４４０１００", "4401000"])
def test_city_that_is_not_six_digits_is_refused(monkeypatch, given):
    refused(monkeypatch, lambda: environment.city("KEZHUAN_CITY", "440100", {"KEZHUAN_CITY": given}))


def test_city_defaults_and_is_taken():
    assert environment.city("KEZHUAN_CITY", "440100", {}) == "440100"
    assert environment.city("KEZHUAN_CITY", "440100", {"KEZHUAN_CITY": "310000"}) == "310000"


def test_hosts_without_a_name_are_refused(monkeypatch):
    refused(monkeypatch, lambda: environment.hosts("KEZHUAN_HOSTS", "localhost", {"KEZHUAN_HOSTS": " , ,"}))
    assert environment.hosts("KEZHUAN_HOSTS", "a,b", {}) == ["a", "b"]


def test_other_settings_speak_both_languages(monkeypatch):
    refused(monkeypatch, lambda: environment.check_names({"KEZHUAN_X": "1"}))
    refused(monkeypatch, lambda: environment.truth("KEZHUAN_HTTPS", False, {"KEZHUAN_HTTPS": "maybe"}))
    refused(monkeypatch, lambda: environment.choice("KEZHUAN_LOG_LEVEL", "A", ("A", "B"), {"KEZHUAN_LOG_LEVEL": "C"}))


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_damaged_key_is_told_and_never_made_anew(monkeypatch, tmp_path, content):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    monkeypatch.delenv("KEZHUAN_SECRET_KEY", raising=False)
    (tmp_path / "secret.key").write_bytes(content)
    said = refused(monkeypatch, settings._secret_key)
    assert str(tmp_path / "secret.key") in said[0]
    assert (tmp_path / "secret.key").read_bytes() == content


def test_key_is_made_once_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "DATA", tmp_path / "new")
    made = settings._secret_key()
    assert settings._secret_key() == made
    assert (tmp_path / "new/secret.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_in_a_new_folder_read_one_whole_key(monkeypatch, tmp_path):
    processes, rounds = 6, 40
    forked = multiprocessing.get_context("fork")
    together, found = forked.Barrier(processes), forked.SimpleQueue()
    monkeypatch.delenv("KEZHUAN_SECRET_KEY", raising=False)

    def start():
        for number in range(rounds):
            settings.DATA = tmp_path / str(number)
            together.wait()
            try:
                found.put((number, settings._secret_key()))
            except BadSetting as problem:
                found.put((number, str(problem)))

    started = [forked.Process(target=start) for _ in range(processes)]
    for one in started:
        one.start()
    keys = {found.get() for _ in range(processes * rounds)}
    for one in started:
        one.join()
    assert len(keys) == rounds
    assert keys == {(number, (tmp_path / f"{number}/secret.key").read_text()) for number in range(rounds)}
    assert {path.name for path in tmp_path.glob("*/*")} == {"secret.key"}


def test_data_folder_that_cannot_be_written_is_called_read_only(monkeypatch, tmp_path):
    def refuse(*_arguments):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(settings, "DATA", tmp_path)
    monkeypatch.setattr(settings.os, "open", refuse)
    said = refused(monkeypatch, settings._secret_key)
    assert "只读" in said[0]
    assert "read-only" in said[1]


def test_data_folder_that_is_a_file_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "DATA", tmp_path / "file")
    assert "KEZHUAN_DATA" in refused(monkeypatch, settings._secret_key)[0]


@pytest.mark.parametrize("given", ["0", "61", "-1", "1.5", "many", "٣", "9" * 12])
def test_whole_number_stands_within_its_bounds(monkeypatch, given):
    said = refused(
        monkeypatch, lambda: environment.whole("KEZHUAN_TOKEN_DAYS", 5, 1, 60, {"KEZHUAN_TOKEN_DAYS": given})
    )
    assert all("60" in sentence for sentence in said)


def test_whole_number_is_read_or_stays_as_it_is():
    assert environment.whole("KEZHUAN_TOKEN_DAYS", 5, 1, 60, {}) == 5
    assert environment.whole("KEZHUAN_TOKEN_DAYS", 5, 1, 60, {"KEZHUAN_TOKEN_DAYS": " 60 "}) == 60


def test_reasons_are_codes_with_their_words_in_both_languages():
    read = environment.reasons
    assert read("R", {}) == ()
    assert read("R", {"R": "party=当事人更名|party renamed； amount=金额变化"}) == (
        ("party", "当事人更名", "party renamed"), ("amount", "金额变化", "金额变化"),
    )  # fmt: skip
    with override("en"):
        assert str(in_either("金额", "amount")) == "amount"
    with override("zh-hans"):
        assert str(in_either("金额", "amount")) == "金额"
    for wrong in ("party", "party=一;party=二", "Party=一", "party=一|二|三"):
        with pytest.raises(BadSetting):
            read("R", {"R": wrong})
