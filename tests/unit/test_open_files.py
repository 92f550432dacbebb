"""max_connections and the unit's LimitNOFILE: MariaDB lowers the first to what the second allows."""

from __future__ import annotations

from typing import Any

import pytest

from plan import make_plan
from tests.conftest import make_context

DROPIN = "/etc/systemd/system/mariadb.service.d/mariadb-ha.conf"


def limit(**galera: Any) -> int | None:
    """LimitNOFILE as delivered; None where Debian's stays."""
    files = make_plan(make_context(galera=galera)).hosts["mdb2"].files
    (text,) = (file.content for file in files if file.path == DROPIN)
    found = [line for line in text.splitlines() if line.startswith("LimitNOFILE=")]
    return int(found[0].partition("=")[2]) if found else None


@pytest.mark.parametrize(
    ("galera", "expected"),
    [
        ({}, None),
        ({"max_connections": 668}, None),
        ({"max_connections": 700}, 32_800),
        ({"max_connections": 10_000}, 50_000),
        ({"max_connections": 200, "server_options": {"table_open_cache": 4000}}, 64_300),
        ({"max_connections": 200, "server_options": {"table-open-cache": 524_288}}, 1_000_000),
    ],
)
def test_the_unit_may_open_what_the_server_needs(galera: dict[str, Any], expected: int | None) -> None:
    assert limit(**galera) == expected
