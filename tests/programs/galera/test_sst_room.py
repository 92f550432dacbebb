"""A whole state transfer that cannot fit is not asked for, and the volume is named; nobody is refused who may not need
one, or of whom too little is known.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sst_room
from data_size import data_mib
from galera_state import load_config, write_recovered
from mha_common import Failure

from tests.programs.conftest import Desk

A = "aaaaaaaa-0000-0000-0000-000000000001"
DONOR: dict[str, Any] = {"cluster_status": "Primary", "data_mib": 5000, "cached_downto": 100}


def room(desk: Desk, monkeypatch: pytest.MonkeyPatch, free: int, own: int = 0) -> None:
    desk.galera_env()
    found = {"volume_mib": 6000, "volume_free_mib": free, "volume_full": False}
    monkeypatch.setattr(sst_room, "volume", lambda datadir: found)
    monkeypatch.setattr(sst_room, "data_mib", lambda datadir: own)


@pytest.mark.parametrize(
    ("mine", "seqno", "free", "own", "peers", "refused"),
    [
        pytest.param({"holds": "nothing"}, None, 6000, 0, {"mdb1": DONOR}, False, id="empty, it fits"),
        pytest.param({"holds": "nothing"}, None, 4000, 0, {"mdb1": DONOR}, True, id="empty, it does not"),
        pytest.param({"holds": "nothing"}, None, 5010, 0, {"mdb1": DONOR}, True, id="nothing would be left"),
        pytest.param({"holds": "nothing"}, None, 5064, 0, {"mdb1": DONOR}, False, id="just enough"),
        pytest.param({"holds": "nothing"}, None, 4000, 0, {"mdb1": {**DONOR, "data_mib": None}}, False, id="unknown"),
        pytest.param({"holds": "nothing"}, None, 4000, 0, {"mdb1": None}, False, id="nobody answers"),
        pytest.param(
            {"holds": "nothing"}, None, 4000, 0, {"mdb1": {**DONOR, "cluster_status": None}}, False, id="no donor"
        ),
        pytest.param({"holds": "databases"}, 150, 100, 4000, {"mdb1": DONOR}, False, id="transactions alone suffice"),
        pytest.param({"holds": "databases"}, 99, 100, 4000, {"mdb1": DONOR}, False, id="just in the cache"),
        pytest.param({"holds": "databases"}, 98, 100, 4000, {"mdb1": DONOR}, True, id="too far behind"),
        pytest.param({"holds": "databases"}, 98, 1100, 4000, {"mdb1": DONOR}, False, id="its own data goes first"),
        pytest.param(
            {"holds": "databases"},
            50,
            100,
            4000,
            {"mdb1": DONOR, "mdb3": {**DONOR, "cached_downto": 20}},
            False,
            id="another donor has them",
        ),
        pytest.param(
            {"holds": "databases", "joining": True}, None, 100, 4000, {"mdb1": DONOR}, True, id="one was cut short"
        ),
    ],
)
def test_what_cannot_fit_is_not_begun(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    mine: dict[str, Any],
    seqno: int | None,
    free: int,
    own: int,
    peers: dict[str, Any],
    refused: bool,
) -> None:
    room(desk, monkeypatch, free, own)
    if seqno is not None:
        desk.write("/var/lib/mysql/ibdata1", "x")
        write_recovered("/var/lib/mysql", A, seqno)
    if not refused:
        sst_room.refuse_without_room(load_config(), mine, peers)
        return
    with pytest.raises(Failure) as found:
        sst_room.refuse_without_room(load_config(), mine, peers)
    assert "the volume of /var/lib/mysql has room for" in found.value.what
    assert "the data of mdb1 takes 5000" in found.value.what


def test_the_size_leaves_out_what_no_transfer_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MHA_ROOT", str(tmp_path))
    folder = tmp_path / "var/lib/mysql/app"
    folder.mkdir(parents=True)
    mib = b"x" * 1024**2
    (folder / "t.ibd").write_bytes(3 * mib)
    for name in ("galera.cache", "ibtmp1", "mariadb-bin.000001"):
        (folder.parent / name).write_bytes(2 * mib)
    assert data_mib("/var/lib/mysql") == 3
    assert data_mib("/var/lib/nothing") is None
