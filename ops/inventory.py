"""The inventory: what hactl knows of a stack without asking Pulumi. It holds no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ops.errors import Exit, OpsError

CONTRACT_VERSION = 1


class Model(BaseModel):
    """Frozen; keys of a newer contract are ignored (the contract is only ever extended)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Endpoint(Model):
    """Where clients connect."""

    host: str
    port: int


class HostEntry(Model):
    """One host. `priority` is a director's VRRP priority; `domain` its libvirt domain."""

    address: str
    roles: tuple[str, ...]
    ssh_user: str = "root"
    ssh_port: int = 22
    provisioner: str = "libvirt"
    domain: str | None = None
    interface: str = "eth0"
    priority: int | None = None

    def has(self, role: str) -> bool:
        """True when the host carries the role."""
        return role in self.roles


class GaleraEntry(Model):
    """The cluster as declared."""

    cluster_name: str
    size: int
    routing: str = "all-nodes"
    reference_node: str | None = None
    agent_port: int = 9200
    port: int = 3306


class VrrpEntry(Model):
    """VRRP as declared; intervals in seconds."""

    virtual_router_id: int
    vrrp_version: int = 3
    advert_int_s: float = 1.0
    preempt: bool = True
    preempt_delay_s: float = 0.0


class Hypervisor(Model):
    """libvirt connection URI."""

    uri: str


class Access(Model):
    """How hosts are reached from here. Paths are relative to the project's root; an empty `run` means directly."""

    run: tuple[str, ...] = ()
    client_addresses: tuple[str, ...] = ()
    ssh_key: str | None = None
    known_hosts: str | None = None


class Inventory(Model):
    """A whole stack."""

    contract_version: int
    stack: str
    system: str = ""
    vip: str | None = None
    writer: Endpoint | None = None
    reader: Endpoint | None = None
    hosts: dict[str, HostEntry]
    galera: GaleraEntry | None = None
    vrrp: VrrpEntry | None = None
    promised_write_gap_s: dict[str, float] = Field(default_factory=dict)
    hypervisor: Hypervisor | None = None
    access: Access = Access()

    def with_role(self, role: str) -> dict[str, HostEntry]:
        """The hosts that carry a role, in the inventory's order."""
        return {name: entry for name, entry in self.hosts.items() if entry.has(role)}

    @property
    def endpoints(self) -> list[Endpoint]:
        """The virtual services: the writer's, and the readers' where they have one of their own."""
        found = [self.writer] if self.writer else []
        if self.reader and self.reader not in found:
            found.append(self.reader)
        return found

    @property
    def vips(self) -> list[str]:
        """The virtual addresses."""
        return list(dict.fromkeys(endpoint.host for endpoint in self.endpoints))


def parse(data: dict[str, Any], source: str) -> Inventory:
    """The inventory from JSON.

    Raises:
        OpsError: a newer contract, or keys that are missing or wrong, each named.
    """
    version = data.get("contract_version")
    if isinstance(version, int) and version > CONTRACT_VERSION:
        raise OpsError(
            f"{source} has contract_version {version}; this hactl knows {CONTRACT_VERSION}",
            "update this checkout to the version that made the stack",
            Exit.UNREACHABLE,
        )
    try:
        return Inventory.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise OpsError(f"{source} cannot be used: {wrong}", "write it anew with `hactl inventory`", Exit.UNREACHABLE) from None


def load(path: Path) -> Inventory:
    """Reads an inventory file.

    Raises:
        OpsError: no such file, or not an inventory.
    """
    try:
        data = json.loads(path.read_text())
    except FileNotFoundError:
        raise OpsError(f"there is no inventory {path}", "bring the stack up (`make up`), or run `hactl inventory`", Exit.UNREACHABLE) from None
    except OSError as error:
        raise OpsError(f"{path} cannot be read: {error.strerror}", "run as the user who brought the stack up, or as root", Exit.UNREACHABLE) from None
    except ValueError as error:
        raise OpsError(f"{path} is not JSON ({error})", "write it anew with `hactl inventory`", Exit.UNREACHABLE) from None
    if not isinstance(data, dict):
        raise OpsError(f"{path} is not a JSON object", "write it anew with `hactl inventory`", Exit.UNREACHABLE)
    return parse(data, str(path))
