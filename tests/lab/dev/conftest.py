"""The `dev` stack on five VMs, made by an `up` that was killed while VMs were made (tests/lab/arbitrator kills a later
one).

With MARIADB_HA_REUSE=1 a `dev` stack that is up already is used as it is, and left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.stacks import REUSE, Stack, tracked_files


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, in the lab that `make up` takes when nobody says another."""
    made = Stack("dev", lab="default", port=13306, tracked_before=tracked_files("dev"))
    made_before = (made.state / "inventory.json").exists()
    if REUSE and made_before:
        yield made
        return
    if made_before:
        pytest.exit(
            "a dev stack is up in this checkout: `make down` first, or MARIADB_HA_REUSE=1 to test with it", returncode=1
        )
    logs = tmp_path_factory.mktemp("up")
    try:
        made.killed.append(made.up_and_kill("dev-mdb1-root created", logs / "killed.log"))
        made.resumed = made.make("up")
        print(made.resumed.out)
        assert made.resumed.code == 0, made.resumed.out[-5000:]
        yield made
    finally:
        made.make("down")
