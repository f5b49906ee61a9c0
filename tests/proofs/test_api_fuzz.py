"""Proof: a fuzzer that knows the OpenAPI document asks a served demo city for ten minutes: no 5xx, no deviation."""

import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kezhuan.config.commands.test import ROOT
from tests.factories.fuzzing import CHECKS, as_toml, configuration

SECONDS = int(os.environ.get("PROOF_SECONDS", "600"))
DOCUMENT = ROOT / "docs" / "openapi.json"
WORKERS = "2" if sys.version_info >= (3, 11, 5) else "1"
"""Python before 3.11.5 takes the depths of two threads that parse at once for each other's: the fuzzer then ends."""
BUILD = """
import django
django.setup()
from django.core.management import call_command
from kezhuan.demo.build import build_city
call_command("migrate", interactive=False, verbosity=0)
build_city(lambda *_progress: None)
"""
PREPARE = """
import json, django
django.setup()
from datetime import timedelta
import kezhuan.api.urls
from kezhuan.api.resources import resources
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.token_actions import make_token
from kezhuan.exchange.papers.archive_actions import ask_archive
from kezhuan.kernel import tokens
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import ApprovalStep, Record, User
from kezhuan.kernel.text import today
found = {"tokens": {}, "codes": {}, "moves": {}, "files": []}
for who in ("firm", "university", "officer"):
    actor = actor_for(User.objects.get(email=f"{who}@demo.kezhuan").person)
    _row, found["tokens"][who] = make_token(actor=actor, name="fuzz", reads={"*"}, writes={"*"},
        expires_on=today() + timedelta(days=7), seed=tokens.new_seed())
    own = Record.objects.filter(owner=actor.organisation).first()
    upload = Upload("a.txt", who.encode(), True)
    found["files"].append(attach_document(actor=actor, record=own, group="public", upload=upload).sha256)
mine = Record.objects.filter(owner__memberships__person__user__email="firm@demo.kezhuan", stage="published")
firm = actor_for(User.objects.get(email="firm@demo.kezhuan").person)
need = Need.objects.filter(record__in=mine).order_by("pk").last()
over = advance(NEED, need, "close", actor=firm, note="已解决")
archive, _job = ask_archive(actor=firm, row=over)
found["numbers"] = {"exports": [archive.pk], "approvals": list(ApprovalStep.objects.values_list("pk", flat=True))}
for one in resources():
    rows = Record.objects.filter(kind=one.slug).order_by("pk")
    own = rows.filter(owner__memberships__person__user__email__endswith="@demo.kezhuan").distinct()
    codes = [*own.values_list("code", flat=True)[:30], *rows.values_list("code", flat=True)[:10]]
    found["codes"][one.plural] = list(dict.fromkeys(codes))
    found["moves"][one.plural] = list(one.kind.lifecycle.moves)
print(json.dumps(found))
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The address of the site, with its output in a file; ended by its own process."""
    port = free_port()
    with log.open("wb") as output:
        command = [sys.executable, "-m", "kezhuan", "serve", "--port", str(port), "--processes", "2"]
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            while True:
                assert server.poll() is None, log.read_text()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/status").close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)


def said(environment: dict[str, str], *arguments: str) -> str:
    """What a Python process says; it must end well."""
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def fuzz(site: str, settings: Path, token: str, report: Path, *how: str) -> dict[str, Any]:
    """What the fuzzer saw, told which phases, how long and which part of the API."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", str(DOCUMENT), "--url", site,
        "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color",
        "--workers", WORKERS, "--generation-database", "none", "--report", "json", "--report-json-path", str(report),
        "--suppress-health-check", "all", *how, *(["-H", f"Authorization: Bearer {token}"] if token else []),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=report.parent, capture_output=True, text=True, check=False)
    assert report.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    assert done.returncode == 0, done.stdout[-12_000:]
    return dict(json.loads(report.read_text(encoding="utf-8")))


def test_api_fuzz(tmp_path: Path, figure: Callable[[str], None]) -> None:
    engines: dict[str, dict[str, str]] = {"SQLite": {}}
    if address := os.environ.get("PROOF_POSTGRES_URL"):
        engines["PostgreSQL"] = {"KEZHUAN_DATABASE_URL": address}
    askers, asked, spent = ("visitor", "firm", "university", "officer"), 0, 0.0
    seconds = max(SECONDS // len(engines) // len(askers), 10)
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    kinds = sorted({path.split("/")[3] for path in document["paths"]} - {""})
    base = {name: value for name, value in os.environ.items() if not name.startswith("KEZHUAN_")}
    for turn, (engine, variables) in enumerate(engines.items()):
        folder = tmp_path / engine
        folder.mkdir()
        environment = base | variables | {"KEZHUAN_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT / "src")}
        # The fuzzer asks faster than any limit lets it.
        environment |= {"KEZHUAN_API_RATE": "1000000", "KEZHUAN_API_RATE_VISITORS": "1000000"}
        environment["DJANGO_SETTINGS_MODULE"] = "kezhuan.config.settings"
        (folder / "data").mkdir()
        (folder / "data" / "demo-city").touch()
        said(environment, "-c", BUILD)
        known = json.loads(said(environment, "-c", PREPARE))
        tokens = known.pop("tokens")
        settings = folder / "fuzz.toml"
        settings.write_text(as_toml(configuration(document, **known)))
        with served(environment, folder / "server.log") as site:
            for number, who in enumerate(askers):
                start, token = time.monotonic(), tokens.get(who, "")
                # First every operation as everybody; what time is left for a part of the kinds, as someone else each.
                report = fuzz(site, settings, token, folder / f"{who}.json", "--phases", "fuzzing", "-n", "3")
                assert report["operations"]["tested"] == report["operations"]["total"] > 200, report["operations"]
                asked += cases_of(report)
                part = "|".join(kinds[(number + turn) % len(askers) :: len(askers)])
                left = str(max(math.ceil(start + seconds - time.monotonic()), 10))
                where = ("--include-path-regex", f"/({part})(/|$)", "--max-time", left)
                asked += cases_of(fuzz(site, settings, token, folder / f"{who}-part.json", *where))
                spent += time.monotonic() - start
        log = (folder / "server.log").read_text(encoding="utf-8")
        assert "Traceback" not in log, log[-5000:]
        said(environment, "-m", "kezhuan", "verify")
    assert spent >= SECONDS
    figure(
        f"{asked:,} requests in {spent:.0f} s as {', '.join(askers)} on {' and on '.join(engines)},"
        f" each of the {report['operations']['total']} operations by each of them: no 5xx, nothing that the document"
        " does not tell, the journal holds"
    )


def cases_of(report: dict[str, Any]) -> int:
    return int(report["test_cases"]["generated"])
