import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from kezhuan.config import postgres


def test_temporary_cluster_answers_and_leaves_nothing(monkeypatch):
    binaries = postgres.find_binaries()
    if binaries is None:
        assert os.environ.get("CI") != "true"
        pytest.skip("no PostgreSQL 15+ here")
    made, make = [], tempfile.mkdtemp
    monkeypatch.setattr(postgres.tempfile, "mkdtemp", lambda prefix: made.append(make(prefix=prefix)) or made[0])
    with postgres.temporary_cluster(binaries) as address, psycopg.connect(address) as connection:
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
        (pid,) = connection.execute("select pg_backend_pid()").fetchone()
    assert not Path(made[0]).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
