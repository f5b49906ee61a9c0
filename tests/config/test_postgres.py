import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from kezhuan.bench.engines import Setting
from kezhuan.bench.peers import Postgres
from kezhuan.config import postgres
from kezhuan.engines.matching import Item


def test_temporary_cluster_answers_and_leaves_nothing(tmp_path, monkeypatch):
    binaries = postgres.find_binaries()
    if binaries is None:
        assert os.environ.get("CI") != "true"
        pytest.skip("no PostgreSQL 15+ here")
    made, make = [], tempfile.mkdtemp
    monkeypatch.setattr(postgres.tempfile, "mkdtemp", lambda prefix: made.append(make(prefix=prefix)) or made[0])
    with postgres.temporary_cluster(binaries, durable=True) as address, psycopg.connect(address) as connection:
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("show fsync").fetchone() == ("on",)
        check_peer(address, tmp_path)
        (pid,) = connection.execute("select pg_backend_pid()").fetchone()
    assert not Path(made[0]).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def check_peer(address: str, folder: Path) -> None:
    """PostgreSQL as the bench asks it, here where a server runs anyway."""
    records = [Item("rice", "水稻育种"), Item("tunnel", "隧道衬砌裂缝"), Item("gear", "机器人减速器")]
    peer = Postgres(Setting(folder, 10, postgres=address))
    peer.build(records[:2])
    peer.open()
    assert peer.first(Item("", text="隧道裂缝与水稻；隧道裂缝")) == ["tunnel", "rice"]
    assert peer.first(Item("", text="减速器")) == peer.first(Item("")) == []
    peer.add(records[2:])
    assert peer.first(Item("", text="减速器")) == ["gear"]
    peer.delete(["gear"])
    assert peer.first(Item("", text="减速器")) == []
    assert peer.disk() > 0
    peer.clear()
    with pytest.raises(psycopg.OperationalError):
        peer.first(records[0])
