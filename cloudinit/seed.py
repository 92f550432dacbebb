"""The NoCloud seed of a VM: user-data, meta-data, network-config (cloudinit.readthedocs.io, NoCloud; network config
v2).

It carries the plan's plain files and, of all secrets, only the SSH host key: without it the first connection could not
be checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from plan.model import HostPlan
from plan.render import LIB
from settings.hosts import Ssh
from settings.network import Network


@dataclass(frozen=True, kw_only=True)
class Seed:
    """The three documents. `user_data` holds the SSH host key: treat it as a secret."""

    user_data: str = field(repr=False)
    meta_data: str
    network_config: str


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Multi-line strings as blocks, so that a person can read the seed."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def _dump(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=10_000)


def user_data(
    host: HostPlan, *, ssh: Ssh, authorized_keys: tuple[str, ...], host_key_private: str, host_key_public: str
) -> str:
    """`#cloud-config` text. Only plain files: secret ones go over SSH after the host key was checked."""
    document = {
        "preserve_hostname": False,
        "hostname": host.name,
        "manage_etc_hosts": False,
        "users": [
            {
                "name": ssh.user,
                "gecos": "mariadb-ha",
                "shell": "/bin/bash",
                "lock_passwd": True,
                "sudo": "ALL=(ALL) NOPASSWD:ALL",
                "ssh_authorized_keys": list(authorized_keys),
            }
        ],
        "ssh_pwauth": False,
        "disable_root": True,
        "ssh_deletekeys": True,
        "ssh_keys": {"ed25519_private": host_key_private, "ed25519_public": host_key_public},
        "write_files": [
            {
                "path": file.path,
                "content": file.content,
                "permissions": file.mode,
                "owner": f"{file.owner}:{file.group}",
            }
            for file in sorted(host.files, key=lambda f: f.path)
            if not file.secret
        ],
        "runcmd": [[f"{LIB}/provision"]],
    }
    return "#cloud-config\n" + _dump(document)


def network_config(host: HostPlan, network: Network) -> str:
    """Version 2: the interface is found by its MAC address and gets the name that the plan's files use."""
    interface: dict[str, Any] = {
        "match": {"macaddress": host.mac},
        "set-name": host.interface,
        "dhcp4": False,
        "addresses": [f"{host.address}/{network.cidr.prefixlen}"],
    }
    if network.gateway:
        interface["routes"] = [{"to": "0.0.0.0/0", "via": str(network.gateway)}]
    if network.dns:
        interface["nameservers"] = {"addresses": [str(address) for address in network.dns]}
    return _dump({"version": 2, "ethernets": {host.interface: interface}})


def make_seed(
    host: HostPlan,
    *,
    stack: str,
    network: Network,
    ssh: Ssh,
    authorized_keys: tuple[str, ...],
    host_key_private: str,
    host_key_public: str,
) -> Seed:
    """The whole seed of one host."""
    return Seed(
        user_data=user_data(
            host,
            ssh=ssh,
            authorized_keys=authorized_keys,
            host_key_private=host_key_private,
            host_key_public=host_key_public,
        ),
        meta_data=_dump({"instance-id": f"{stack}-{host.name}", "local-hostname": host.name}),
        network_config=network_config(host, network),
    )
