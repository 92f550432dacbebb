"""Which hosts come, go or are made anew, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ops.plan.document import Document, PlannedHost

Change = Literal["added", "removed", "replaced", "lost"]


@dataclass(frozen=True, kw_only=True)
class MachineChange:
    """One host. `why`: settings that differ; `costs`: what follows, in sentences; `refused`: `up` stops before it."""

    host: str
    change: Change
    why: tuple[str, ...]
    costs: tuple[str, ...]
    refused: bool = False

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "host": self.host,
            "change": self.change,
            "why": list(self.why),
            "costs": list(self.costs),
            "refused": self.refused,
        }


def machine_changes(before: Document, after: Document) -> tuple[MachineChange, ...]:
    """In the order of the settings, those that go last."""
    found = [change for host in after.hosts if (change := _of_host(before, after, host))]
    gone = [host for host in before.hosts if host not in after.hosts]
    return (*found, *(_gone(before, after, host) for host in gone))


def _of_host(before: Document, after: Document, host: str) -> MachineChange | None:
    new = after.hosts[host]
    old = before.hosts.get(host)
    if old is None:
        what = "a VM is made" if new.provisioner == "libvirt" else f"the server at {new.address} is taken over"
        return MachineChange(
            host=host, change="added", why=(), costs=(f"{what}, for {' '.join(new.roles) or 'nothing'}",)
        )
    if old.provisioner != new.provisioner:
        return MachineChange(
            host=host,
            change="replaced",
            why=(f"provisioner {old.provisioner} -> {new.provisioner}",),
            costs=(*_removal(old), "another machine takes its name, without its data"),
            refused=_held(old),
        )
    why = tuple(_differing(old.identity, new.identity)) + tuple(_differing(old.place, new.place))
    if not why:
        return None
    if new.provisioner != "libvirt":
        return MachineChange(host=host, change="replaced", why=why, costs=_other_server(old, new))
    return MachineChange(
        host=host, change="replaced", why=why, costs=tuple(_new_vm(old, new, after)), refused=old.protected
    )


def _other_server(old: PlannedHost, new: PlannedHost) -> tuple[str, ...]:
    return (
        f"another machine to the stack: the one at {new.address} is taken over",
        f"the one at {old.address} is not withdrawn, and keeps its data: withdraw it first "
        "(`sudo /usr/local/lib/mariadb-ha/withdraw --stack NAME` on it)",
    )


def _new_vm(old: PlannedHost, new: PlannedHost, after: Document) -> Iterator[str]:
    if old.protected:
        yield (
            "protected: `up` refuses to replace it, and nothing happens, until an `up` of its own with "
            "hypervisor.protect_database_hosts: false has lifted that"
        )
    if not old.volumes:
        yield "the VM is made anew; it holds no data"
    elif old.place != new.place:
        yield "the VM and its data volume are made anew elsewhere: the new volume is empty"
    elif after.options.get("hypervisor.adopt_retained_volumes"):
        yield "the VM is made anew, its data volume is kept, and taken by the new VM"
    else:
        yield (
            "the VM is made anew, its data volume is kept; the new VM refuses it until "
            "hypervisor.adopt_retained_volumes: true says that its data are meant"
        )
    yield "the host is away until it has joined again"


def _gone(before: Document, after: Document, host: str) -> MachineChange:
    old = before.hosts[host]
    if host in after.lost:
        return MachineChange(
            host=host,
            change="lost",
            why=(f"hosts.{host}.lost",),
            costs=("nothing is sent to it any more; the others go on without it",),
        )
    return MachineChange(
        host=host, change="removed", why=("not in the settings any more",), costs=_removal(old), refused=_held(old)
    )


def _held(old: PlannedHost) -> bool:
    return old.provisioner == "libvirt" and (old.protected or (bool(old.volumes) and old.keeps_data))


def _removal(old: PlannedHost) -> tuple[str, ...]:
    if old.provisioner != "libvirt":
        kept = "its data are kept there" if old.keeps_data else "its data are deleted (bare_metal.purge_data)"
        return (f"it is withdrawn from the server at {old.address}" + (f"; {kept}" if old.data else ""),)
    if _held(old):
        return ("protected: `up` refuses to delete the VM or its data volume until that is lifted",)
    return ("the VM and its data volume are deleted" if old.volumes else "the VM is deleted",)


def _differing(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    yield from (f"{key} {old.get(key)} -> {new.get(key)}" for key in new if old.get(key) != new.get(key))
