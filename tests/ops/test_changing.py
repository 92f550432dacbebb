"""One change of a stack at a time: `make up` and what hactl changes exclude each other."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.errors import DeployError
from deploy.lock import only_one
from ops.changing import only_change
from ops.errors import Exit, OpsError
from ops.run import Run


def run(root: Path) -> Run:
    """As much of a run as the lock asks for."""
    return cast(Run, cast(Any, SimpleNamespace(stack="dev", root=root)))


def test_an_up_at_work_keeps_changes_away_and_the_other_way_round(tmp_path: Path) -> None:
    lock = tmp_path / ".state/dev/up.lock"
    with only_change(run(tmp_path)):
        with pytest.raises(DeployError, match="a change that hactl makes"), only_one(lock):
            pass
        with pytest.raises(OpsError) as refused, only_change(run(tmp_path)):
            pass
        assert refused.value.code == Exit.REFUSED
        assert "another change of stack dev is at work" in refused.value.what
    with only_one(lock), pytest.raises(OpsError, match="`make up`"), only_change(run(tmp_path)):
        pass
    with only_change(run(tmp_path)):
        """Nobody holds it any more."""
