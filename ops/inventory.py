"""The inventory: what hactl knows of a stack without asking Pulumi. It holds no secret."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
    """One host. `priority`: its VRRP priority, where it can hold a VIP; `domain`: its libvirt domain."""

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


class ComponentEntry(Model):
    """One component of the system. What else its outputs say is the kind's own (`details`)."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    hosts: tuple[str, ...] = ()
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    forwards_to: str | None = None
    follows: str | None = None
    reads_from: str | None = None
    promised_write_gap_s: dict[str, float] = Field(default_factory=dict)
    promised_read_gap_s: dict[str, float] = Field(default_factory=dict)

    @property
    def stands_on(self) -> tuple[str, ...]:
        """Components that it sends clients to, or follows."""
        return tuple(name for name in (self.forwards_to, self.reads_from, self.follows) if name)

    @property
    def details(self) -> dict[str, Any]:
        """The keys of its own kind."""
        return dict(self.model_extra or {})


class Hypervisor(Model):
    """libvirt connection URI."""

    uri: str


class Access(Model):
    """How hosts are reached from here. Paths are relative to the project's root; an empty `run` means directly.

    `power`: a command that takes a host's name and `off` or `on`, for hosts that are no libvirt domains.
    """

    run: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    client_addresses: tuple[str, ...] = ()
    ssh_key: str | None = None
    known_hosts: str | None = None


class Inventory(Model):
    """A whole stack."""

    contract_version: int
    stack: str
    system: str = ""
    #: The stack's consent to drills, `allowed` or `refused`; None: it was brought up before there was such a setting.
    drills: str | None = None
    hosts: dict[str, HostEntry]
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    components: dict[str, ComponentEntry]
    promised_write_gap_s: dict[str, float] = Field(default_factory=dict)
    promised_read_gap_s: dict[str, float] = Field(default_factory=dict)
    hypervisor: Hypervisor | None = None
    access: Access = Access()

    def promised_gap_s(self, component: str, fault: str) -> float | None:
        """The longest gap between writes that is promised for a fault of a component, in seconds, to clients that come
        through what stands before it; None: nothing is promised.

        Outputs of an earlier program have promises of the stack alone.
        """
        said = [entry.promised_write_gap_s for entry in self._before(component)]
        return _longest(fault, said if any(said) else [self.promised_write_gap_s])

    def promised_reads_s(self, component: str, fault: str) -> float | None:
        """The same for reads."""
        said = [entry.promised_read_gap_s for entry in self._before(component)]
        return _longest(fault, said if any(said) else [self.promised_read_gap_s])

    def _before(self, component: str) -> list[ComponentEntry]:
        """A component, and all that send clients to it."""
        found = {component}
        while more := {name for name, entry in self.components.items() if found & set(entry.stands_on)} - found:
            found |= more
        return [self.components[name] for name in sorted(found)]


def _longest(fault: str, promises: Iterable[Mapping[str, float]]) -> float | None:
    return max((one[fault] for one in promises if fault in one), default=None)


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
        raise OpsError(
            f"{source} cannot be used: {wrong}", "write it anew with `hactl inventory`", Exit.UNREACHABLE
        ) from None


def load(path: Path) -> Inventory:
    """Reads an inventory file.

    Raises:
        OpsError: no such file, or not an inventory.
    """
    try:
        data = json.loads(path.read_text())
    except FileNotFoundError:
        raise OpsError(
            f"there is no inventory {path}",
            "bring the stack up (`make up`), or run `hactl inventory`",
            Exit.UNREACHABLE,
        ) from None
    except OSError as error:
        raise OpsError(
            f"{path} cannot be read: {error.strerror}",
            "run as the user who brought the stack up, or as root",
            Exit.UNREACHABLE,
        ) from None
    except ValueError as error:
        raise OpsError(
            f"{path} is not JSON ({error})", "write it anew with `hactl inventory`", Exit.UNREACHABLE
        ) from None
    if not isinstance(data, dict):
        raise OpsError(f"{path} is not a JSON object", "write it anew with `hactl inventory`", Exit.UNREACHABLE)
    return parse(data, str(path))
