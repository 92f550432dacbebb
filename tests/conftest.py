"""What all tests share: a good stack, its context and plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings as generated

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plan.context import Context
from plan.secrets import Secrets
from settings import load_stack

# Generated cases: a test says how many hundreds; `make test` plays a quarter of them (tests/run). None has a limit of
# time, for machines differ.
generated.register_profile("all", max_examples=100, deadline=None)
generated.register_profile("few", max_examples=25, deadline=None)
generated.load_profile("all")

#: Not a secret of anything that lives.
TEST_SECRET = "unit-test-secret-" + "0123456789abcdef" * 3


def stack_config(name: str) -> dict[str, Any]:
    """The configuration of a stack of the tree, fresh for each caller."""
    document: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())
    return dict(document["config"])


def dev_config() -> dict[str, Any]:
    """The dev stack's."""
    return stack_config("dev")


def make_context(changes: dict[str, Any] | None = None, *, stack: str = "dev") -> Context:
    """The dev stack's context with top-level sections changed (dictionaries are merged into the section)."""
    config = dev_config()
    for key, value in (changes or {}).items():
        full = f"mariadb-ha:{key}"
        config[full] = {**config.get(full, {}), **value} if isinstance(value, dict) else value
    settings = load_stack(config)
    return Context(
        stack=stack,
        settings=settings,
        secrets=Secrets(stack=stack, stack_secret=TEST_SECRET, generations=settings.secret_generations),
    )


def make_pair(changes: dict[str, Any] | None = None) -> Context:
    """A stack of a master-master pair with a VIP of its own, on VMs, with top-level sections changed."""
    config = dev_config()
    del config["mariadb-ha:galera"], config["mariadb-ha:directors"]
    config["mariadb-ha:hosts"] = {"db1": {"address": "172.16.21.51"}, "db2": {"address": "172.16.21.52"}}
    pair = {"vip": "172.16.21.50", "virtual_router_id": 61, "members": {"db1": {}, "db2": {}}}
    config["mariadb-ha:master_master"] = pair
    for key, value in (changes or {}).items():
        config[f"mariadb-ha:{key}"] = {**config.get(f"mariadb-ha:{key}", {}), **value}
    secrets = Secrets(stack="pair", stack_secret=TEST_SECRET)
    return Context(stack="pair", settings=load_stack(config), secrets=secrets)


def make_web(changes: dict[str, Any] | None = None) -> Context:
    """A stack of a web pair on VMs, with keys of its section changed."""
    config = dev_config()
    for key in ("galera", "directors", "databases"):
        config.pop(f"mariadb-ha:{key}", None)
    config["mariadb-ha:hosts"] = {"web1": {"address": "172.16.21.61"}, "web2": {"address": "172.16.21.62"}}
    section = {"vip": "172.16.21.60", "virtual_router_id": 71, "members": {"web1": {}, "web2": {}}}
    config["mariadb-ha:web"] = {**section, **(changes or {})}
    secrets = Secrets(stack="web", stack_secret=TEST_SECRET)
    return Context(stack="web", settings=load_stack(config), secrets=secrets)


def make_arbitrated(changes: dict[str, Any] | None = None) -> Context:
    """Two Galera nodes, an arbitrator and a VIP of their own, on VMs, with top-level sections changed."""
    config = dev_config()
    del config["mariadb-ha:galera"], config["mariadb-ha:directors"]
    config["mariadb-ha:hosts"] = {
        "mdb1": {"address": "172.16.21.76"},
        "mdb2": {"address": "172.16.21.77"},
        "arb1": {"address": "172.16.21.78"},
    }
    config["mariadb-ha:galera"] = {
        "members": ["mdb1", "mdb2"],
        "arbitrator": "arb1",
        "vip": "172.16.21.75",
        "virtual_router_id": 75,
    }
    for key, value in (changes or {}).items():
        config[f"mariadb-ha:{key}"] = {**config.get(f"mariadb-ha:{key}", {}), **value}
    secrets = Secrets(stack="arbitrated", stack_secret=TEST_SECRET)
    return Context(stack="arbitrated", settings=load_stack(config), secrets=secrets)


@pytest.fixture
def context() -> Context:
    """The dev stack's context."""
    return make_context()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--write-golden`: tests/golden keeps what is made now."""
    parser.addoption("--write-golden", action="store_true", help="tests/golden: keep what is made now")


#: What no test machine like ours can run, and what stands in for it.
NOT_RUN = {
    "official downloads of Pulumi and its plugins": "contract test: tests/toolchain/test_official.py",
    "guests under KVM": (
        "contract test: tests/unit/test_domain_type.py; the domain type and its processors are the only difference "
        "in the graph"
    ),
    "Debian's official generic image": "an unbaked guest with a local package repository: make matrix (tests/lab/own)",
    "every drill, several times each": "make drills, written down in docs/measured.md",
    "further faults and changes of each stack (marked `matrix`)": "make matrix, which runs them too",
}


#: Folders of checks whose tests share something of the machine (a lab, ports, a stack): one worker at a time for each.
TOGETHER = ("lab_unit", "languages", "preview", "toolchain")
#: What begins first where several workers share the work: the longest lane of the lab, and what may be behind it in its
#: worker.
FIRST = ("lab-dev", "lab_unit", "lab-data", "lab-own")
#: The lab's other lanes, after the checks: emulated guests beside containers and not beside each other, short ones at
#: the end.
LAST = ("lab-drbd", "lab-rb", "lab-quick", "lab-pair", "lab-lvsmm", "lab-arbitrator", "lab-several", "lab-web")


def folder(path: str) -> str:
    """A test's room: `unit`, `graph`, …, and `lab/dev` for the stacks of the lab."""
    parts = path.split("/")
    return "/".join(parts[1:3]) if parts[1:2] == ["lab"] else parts[1] if len(parts) > 2 else parts[0]


def lane(room: str) -> str:
    """The pytest-xdist group of a room's tests; empty where they may run anywhere.

    The twin on bare metal is compared with what `dev` wrote down.
    """
    if room.startswith("lab/"):
        return {"lab/metal": "lab-dev"}.get(room, room.replace("/", "-"))
    return room if room in TOGETHER else ""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups for pytest-xdist, which reads them last; the longest first and the other stacks of the lab last: quick
    failures are seen early.
    """
    for item in items:
        group = lane(folder(item.nodeid))
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
        if group.startswith("lab-"):
            item.add_marker(pytest.mark.lab)

    def rank(item: pytest.Item) -> int:
        group = lane(folder(item.nodeid))
        if group in FIRST:
            return FIRST.index(group)
        return len(FIRST) + (1 + LAST.index(group) if group in LAST else 0)

    items.sort(key=rank)


def _reports(terminalreporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    return [
        report for kind in ("passed", "failed", "skipped", "error", "") for report in terminalreporter.getreports(kind)
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was measured, how long each room took, and what was not run, so that a green run is not taken for more
    than it is.
    """
    reports = [report for report in _reports(terminalreporter) if isinstance(report, pytest.TestReport)]
    figures = dict.fromkeys(
        figure for report in reports for name, figure in report.user_properties if name == "measured"
    )
    if figures:
        terminalreporter.section("measured, once each")
        for figure in figures:
            terminalreporter.write_line(str(figure))
    seconds: dict[str, float] = {}
    for report in reports:
        room = folder(report.nodeid.split("@")[0])
        seconds[room] = seconds.get(room, 0.0) + report.duration
    terminalreporter.section("minutes by stage (stages run side by side)")
    for room, spent in sorted(seconds.items(), key=lambda entry: -entry[1]):
        terminalreporter.write_line(f"{spent / 60:5.1f}  {room}")
    terminalreporter.section("not run on this machine")
    for what, instead in NOT_RUN.items():
        terminalreporter.write_line(f"{what}: {instead}")
