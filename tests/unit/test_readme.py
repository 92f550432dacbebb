"""README's pictures and commands are those of the stack files and of hactl."""

from __future__ import annotations

import re

import pytest
import typer

from ops.cli import app
from ops.kinds import KINDS as OPS
from settings.kinds import KINDS
from settings.parts.vrrp import VrrpSection
from settings.section import Section
from tests.conftest import ROOT, stack_config

README = (ROOT / "README.md").read_text()
#: Stacks that README pictures.
PICTURED = ("dev", "galera-arbitrator", "master-master", "web", "read-balancing", "drbd")
DRILLS = re.findall(r"^\./hactl drill (\S+)(?: [^#\n]*?--stack (\S+))?[^#\n]*(?:#(.*))?$", README, re.MULTILINE)


def sections(stack: str) -> dict[str, Section]:
    """A stack file's components."""
    config = stack_config(stack)
    found = {kind: config.get(f"mariadb-ha:{kind}") for kind in KINDS}
    return {kind: KINDS[kind].model_validate(given) for kind, given in found.items() if given}


@pytest.mark.parametrize("stack", PICTURED)
def test_a_picture_has_the_addresses_and_hosts_of_its_stack(stack: str) -> None:
    config, drawn = stack_config(stack), "\n".join(re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))
    for section in sections(stack).values():
        assert all(str(vip) in drawn for vip in section.vips("").values())
    missing = [host for host in config["mariadb-ha:hosts"] if not re.search(rf"\b{host}\b", drawn)]
    assert missing == []


@pytest.mark.parametrize("stack", ["dev", "galera-arbitrator", "master-master", "web", "read-balancing"])
def test_a_picture_has_the_priorities_of_its_stack(stack: str) -> None:
    for section in sections(stack).values():
        if not isinstance(section, VrrpSection) or not section.holds_vip or section.kind == "master_master":
            continue
        for host, member in section.holders().items():
            assert re.search(rf"\b{host} +{member.priority} │", README), (host, member.priority)


def test_there_are_drills_to_look_at() -> None:
    assert {stack for _, stack, _ in DRILLS} >= {"galera-arbitrator", "master-master", "web", "read-balancing", "drbd"}


@pytest.mark.parametrize(("drill", "stack", "comment"), DRILLS)
def test_a_drill_is_one_of_its_stack(drill: str, stack: str, comment: str) -> None:
    known = {fault.name for kind in sections(stack or "dev") for fault in OPS[kind].faults}
    _, _, also = comment.partition("also")
    named = {drill, *re.findall(r"[a-z]+-[a-z]+", also)}
    assert named - known <= {"master-master"}, known


def test_every_command_of_hactl_in_the_readme_exists() -> None:
    group = typer.main.get_command(app)
    names = set(getattr(group, "commands", {}))
    said = set(re.findall(r"\./hactl ([a-z-]+)", README))
    assert len(said) > 8
    assert said <= names
