"""Backups taken while people write restore to identical counts and hashes; what was cut short or altered is refused."""

import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest

WRITERS, BACKUPS, REFUSALS = 3, 3, 60
WRITE = """
import sys, django
django.setup()
from kezhuan.areas.people.actions import (
    SYSTEM, add_member, create_officer, edit_organisation, register_organisation, register_person
)
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.models.parties import Role
from tests.factories import city
# By the program's own actions: what the factories put there is numbered by each process for itself.
number, mail = 0, f"w{sys.argv[1]}@example.com"
office = f"科技局{sys.argv[1]}"
officer = actor_for(create_officer(name="经办", email=f"o{mail}", password="proof-proof-7", department=office).person)
unit = register_organisation(actor=SYSTEM, name=f"w{sys.argv[1]}", kind="enterprise", region="440106")
person = register_person(actor=SYSTEM, name="成员", email=mail)
add_member(actor=SYSTEM, organisation=unit, person=person, role=Role.ADMINISTRATOR)
member = actor_for(person)
result = city.achievement(unit, by=member)
while True:
    number += 1
    made = register_organisation(actor=SYSTEM, name=f"w{sys.argv[1]}x{number}", kind="enterprise", region="440106")
    edit_organisation(actor=officer, organisation=made, name=made.record.title, name_en="", summary="甲" * number,
                      region="440106", expected_version=made.record.version)
    content = f"{sys.argv[1]}-{number}\\n".encode() * (number % 900 + 1)
    attach_document(actor=member, record=result.record, upload=Upload("a.txt", content, True))
"""
# What one moment means: each record has one entry that opened it and one for each later version.
LOOK = """
import django, json
django.setup()
from django.db.models import Count, F, Q
from kezhuan.kernel import journal
from kezhuan.kernel.documents import read_document
from kezhuan.kernel.models import Document, Entry, Record
edits = Count("entries", filter=Q(entries__kind__endswith=".edit"))
opened = Count("entries", filter=Q(entries__kind__endswith=".open"))
organisations = Record.objects.filter(kind="organisation")
uneven = organisations.annotate(edits=edits, opened=opened).exclude(opened=1, version=F("edits") + 1)
verdict = journal.verify()
print(json.dumps({
    "uneven": uneven.count(), "broken": verdict.broken_seq, "entries": verdict.entries,
    "attached": Entry.objects.filter(kind="document.attach").count(),
    "documents": sum(1 for one in Document.objects.iterator() if read_document(one)), "records": Record.objects.count(),
}))
"""


class Place:
    """A data folder, with its database in it or on the server."""

    def __init__(self, folder, engine, name):
        self.folder = folder / name
        self.variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
        self.variables |= {"KEZHUAN_DATA": str(self.folder), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
        self.url = ""
        if engine == "postgresql":
            server = os.environ["PROOF_POSTGRES_URL"]
            database = f"backup_{os.getpid()}_{name}"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {database}")
            self.url = self.variables["KEZHUAN_DATABASE_URL"] = urlsplit(server)._replace(path=f"/{database}").geturl()

    def run(self, *words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "kezhuan", *words], env=self.variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr[-2000:] + done.stdout[-2000:]
        return done.stdout + done.stderr

    def look(self):
        seen = subprocess.run(
            [sys.executable, "-c", LOOK], env=self.variables, capture_output=True, text=True, check=False
        )
        assert seen.returncode == 0, seen.stderr[-2000:]
        return json.loads(seen.stdout.splitlines()[-1])

    def asked(self, question):
        if self.url:
            with psycopg.connect(self.url) as connection:
                return connection.execute(question).fetchall()
        with closing(sqlite3.connect(self.folder / "db.sqlite3")) as connection:
            return connection.execute(question).fetchall()

    def contents(self):
        """Count and hash of each table, read without the program."""
        names = (
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            if self.url
            else "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
        # Sessions stay behind; migrations and SQLite's own note say when they were made.
        kept = {name for (name,) in self.asked(names)} - {"django_session", "django_migrations", "sqlite_sequence"}
        rows = {name: sorted(map(repr, self.asked(f'SELECT * FROM "{name}"'))) for name in kept}
        return {name: (len(one), hashlib.sha256("\n".join(one).encode()).hexdigest()) for name, one in rows.items()}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_backup_under_load_restores_to_one_moment(request, tmp_path, engine, figure):
    if engine == "postgresql":
        request.getfixturevalue("postgres")
    city = Place(tmp_path, engine, "city")
    city.run("migrate")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(number)], env=city.variables) for number in range(WRITERS)
    ]
    moments = []
    try:
        while city.look()["attached"] < 5 * WRITERS:
            time.sleep(0.5)
        for number in range(BACKUPS):
            before = city.asked("SELECT seq FROM kernel_journalhead")[0][0]
            city.run("backup", str(tmp_path / f"{number}.tar.zst"), "--quiet")
            after = city.asked("SELECT seq FROM kernel_journalhead")[0][0]
            moments.append((before, after))
        assert all(writer.poll() is None for writer in writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    written_meanwhile = sum(after - before for before, after in moments)
    assert written_meanwhile > 0
    for number, (before, after) in enumerate(moments):
        place = Place(tmp_path, engine, f"restored{number}")
        place.run("restore", str(tmp_path / f"{number}.tar.zst"), "--quiet")
        seen = place.look()
        assert before <= seen["entries"] <= after
        assert (seen["uneven"], seen["broken"]) == (0, None)
        assert seen["documents"] == seen["attached"]
        place.run("verify")
    # Nobody writes any more: the restored city is the city itself, row for row.
    city.run("backup", str(tmp_path / "last.tar.zst"), "--quiet")
    last = Place(tmp_path, engine, "last")
    last.run("restore", str(tmp_path / "last.tar.zst"), "--quiet")
    assert last.contents() == city.contents()
    refuse_bad_ones(tmp_path, last)
    figure(
        f"{engine}: {BACKUPS} backups while {WRITERS} processes wrote {written_meanwhile} entries, each restored to one"
        f" moment; at rest {sum(count for count, _ in last.contents().values())} rows of {len(last.contents())} tables"
        f" and {seen['documents']} files identical; {2 * REFUSALS} truncated or altered archives refused"
    )


def refuse_bad_ones(folder, place):
    from kezhuan.config.copies.archive import Damaged, check

    whole, bad, chance = (folder / "last.tar.zst").read_bytes(), folder / "bad", random.Random(440100)
    for _ in range(REFUSALS):
        at = chance.randrange(len(whole))
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ chance.randint(1, 255)]) + whole[at + 1 :]):
            bad.write_bytes(content)
            with pytest.raises(Damaged):
                check(bad)
    before = place.contents()
    said = place.run("restore", str(bad), "--replace", code=1)
    assert "Traceback" not in said
    assert place.contents() == before
