"""Drills of a stack: what must hold on any machine. Gaps are reported, never asserted."""

from __future__ import annotations

import json
from typing import Any

from tests.lab.measuring import Measure
from tests.lab.stacks import Stack


def drill(stack: Stack, name: str, measure: Measure, *options: str) -> dict[str, Any]:
    """Runs a drill: nothing acknowledged is lost, the stack heals, the nodes are equal. Gives its report."""
    done = stack.hactl("drill", name, *options, "--yes", "--json")
    assert done.code == 0, done.out
    report: dict[str, Any] = json.loads(done.out)
    measure(
        f"{stack.name}: drill {name}",
        f"gap {report['write_gap_s']} s, promised {report['promised_gap_s']} s, acked {report['writes_acked']}, "
        f"errors {report['client_errors']}",
    )
    assert report["writes_acked"] > 0
    assert report["writes_lost"] == 0
    assert report["healed"] is True
    assert report["nodes_equal"] is True
    return report
