"""What every test stands on: a data folder of its own, no network beyond this machine, a browser when one is there."""

import atexit
import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from kezhuan.config import chromium

ROOT = Path(__file__).resolve().parent.parent

gc.disable()  # until everything is loaded: looking for garbage meanwhile takes a fifth of the time

# Each test process has its own data folder; the settings read these variables when Django starts, after this module.
DATA = Path(tempfile.mkdtemp(prefix="kezhuan-test-"))
MAIN_PROCESS = os.getpid()
for name in [name for name in os.environ if name.startswith("KEZHUAN_") and name != "KEZHUAN_DATABASE_URL"]:
    del os.environ[name]
os.environ["KEZHUAN_DATA"] = str(DATA)
os.environ["KEZHUAN_SIGN_UP"] = "open"
os.environ["DJANGO_SETTINGS_MODULE"] = "kezhuan.config.settings"
if "PYTEST_XDIST_WORKER" in os.environ:  # several processes share the cores: threads of one wait for those of another
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """A process that is started with the variable loads the settings before this module, and shares the folder of the
    one that started it."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_configure() -> None:
    """Load the settings, now that the variables are set; pytest-django then starts Django."""
    from django.conf import settings

    assert settings.DATABASES
    # Slow hashing protects real passwords; hundreds of invented ones need none of it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests ask faster than anybody; those of the limits set their own.
    settings.API_RATE = settings.API_RATE_VISITORS = 1_000_000


WITHOUT_DATABASE = {"architecture", "bench", "engines"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nobody waits for tests to be loaded that are left out anyway."""
    if collection_path.parent != ROOT / "tests":
        return None
    chosen = config.option.markexpr
    proofs = collection_path.name == "proofs" and "not proof" in chosen
    journeys = collection_path.name == "journeys" and "not journey" in chosen
    return True if proofs or journeys or (collection_path.name in WITHOUT_DATABASE and "again" in chosen) else None


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it again and again for garbage is a tenth of the time,
    and once costs each process half a second."""
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    gc.enable()


@atexit.register
def _remove_data() -> None:
    if os.getpid() == MAIN_PROCESS:  # not in forked children
        shutil.rmtree(DATA, ignore_errors=True)


hypothesis.settings.register_profile(
    "kezhuan",
    deadline=None,  # no time limits: a busy machine must not fail a test
    derandomize=True,  # the same examples each run
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("kezhuan")
# Else it reads every source for constants to try, in each process, and looks through them whenever it draws a value: a
# tenth of the time of its tests. What is tried does not change with a constant elsewhere in the program, either.
providers._get_local_constants = Constants


# Sockets are closed except to this machine.
_connect = socket.socket.connect


def _connect_locally(self: socket.socket, address: Any) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
        raise PermissionError(f"A test tried to reach {address[0]}; tests stay on this machine.")
    _connect(self, address)


socket.socket.connect = _connect_locally  # type: ignore[method-assign]

from tests.factories.databases import (  # noqa: E402, F401  fixtures of every test; Django reads the variables above
    _emptied_journal,
    _first_rows_put_back,
    _fresh_index,
    _only_full_tables_emptied,
    django_db_setup,
)


@pytest.fixture(autouse=True)
def _fresh_limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test meets the buckets of another, and what is in hand lasts for a test: a process draws from the API's
    buckets anew after seconds, by queries that are counted where the machine is slow."""
    if request.node.get_closest_marker("database") is not None:
        from kezhuan.kernel import limits  # inline: conftest is read before Django starts

        monkeypatch.setattr(limits, "HANDFULS", 1)
        limits.limiter.forget()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """No test speaks the language in which the one before it ended."""
    from django.utils import translation  # inline, as above

    with translation.override("en"):
        yield


DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "page", "django_db_setup", "django_db_reset_sequences"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by where they stand and what they use, so that `-m` can choose them."""
    one_database = set((ROOT / "tests" / "one_database.txt").read_text(encoding="utf-8").splitlines())
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        fixtures = set(getattr(item, "fixturenames", ()))
        if folder == "journeys" or "browser" in fixtures:
            item.add_marker("journey")
            item.add_marker("long")
            item.add_marker(pytest.mark.xdist_group("browser"))  # to start it takes as long as a short journey
        if folder == "proofs":
            item.add_marker("proof")
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & fixtures:
            item.add_marker("database")
            # Of the others each asks only statements that these ask of both databases, too.
            if one_database.isdisjoint((item.nodeid, item.nodeid.partition("[")[0])):
                item.add_marker("again")
            if "_made_city" in fixtures:
                item.add_marker(pytest.mark.xdist_group(item.path.stem))  # the city is made once for the module
    # Else one that takes long might begin last, while the other processes have nothing left to do.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On SQLite use a file, so that threads and processes meet the same locks as in service."""
    from django.db import connections

    settings = connections["default"].settings_dict
    if settings["ENGINE"].endswith("sqlite3"):
        settings["TEST"]["NAME"] = str(DATA / "test.sqlite3")
        options = settings.setdefault("OPTIONS", {})
        # Tests do not survive power cuts; waiting for the disk would be most of their time.
        options["init_command"] = options.get("init_command", "").replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, headless; without one the test is left out, and fails under CI."""
    executable = chromium.find()
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed; under CI nothing is left out.")
        pytest.skip("no Chromium here")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    args = [*quiet, "--disable-sync", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=args)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Any, live_server: Any) -> Iterator[Any]:
    """A fresh browser page on the running site; fails the test when a script or the content policy complains."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """Finds a data set that lies beside the project; a machine without it leaves the test out."""

    def find(name: str) -> Path:
        place = ROOT.parent / "shared" / "data" / name
        if not place.exists():
            pytest.skip(f"../shared/data/{name} is not beside the project")
        return place

    return find


FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Notes the figure of a proof; all figures are printed at the end, one line each."""
    figures = request.config.stash.setdefault(FIGURES, [])
    return lambda text: figures.append(f"{request.path.stem.removeprefix('test_')}: {text}")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures of the proofs that ran."""
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans are read in the test's process."""
    from kezhuan.exchange.papers import signing
    from tests.factories.scans import read_here

    monkeypatch.setattr(signing, "read_scan", read_here)
