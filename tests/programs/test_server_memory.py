"""A buffer pool that the host cannot hold is refused before it is in force."""

from __future__ import annotations

import pytest

from tests.programs.conftest import Desk


@pytest.mark.parametrize(
    ("pool", "code"), [("1600M", 0), ("2G", 1), ("1843", 0), ("2200000K", 1), ("", 0)], ids=lambda each: f"{each!r}"
)
def test_the_pool_fits_the_host(desk: Desk, pool: str, code: int) -> None:
    desk.write("/proc/meminfo", "MemTotal:        2048000 kB\nMemFree: 1 kB\n")
    shown = f"--innodb_buffer_pool_size={pool}" if pool else "--port=3306"
    desk.fake("my_print_defaults", f'echo "--innodb_buffer_pool_size=128M"; echo "{shown}"')
    done = desk.run("accepts-mariadbd-memory")
    assert done.returncode == code, done.stderr
    if code:
        assert "this host has 2000 MiB of memory" in done.stderr
        assert "innodb_buffer_pool_size_mib" in done.stderr
