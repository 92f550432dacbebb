"""Servers that the lab provides for a stack: those that `lab/stacks/<stack>` lists are made, and what is known of them
becomes settings.

`LAB_NAME` says in which lab. What is found out goes into the generated stack file only, never into the user's.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import Any

from deploy.errors import DeployError
from deploy.paths import ROOT
from deploy.workspace import PREFIX
from plan.openssh import placeholder_key


def lab_name() -> str:
    """The lab that this user means."""
    return os.environ.get("LAB_NAME", "default")


@dataclass(frozen=True, kw_only=True)
class LabHosts:
    """Hosts of the lab for one stack.

    Attributes:
        to_make: words for `lab/hosts up`, one for each host that the lab is to make.
        made: address by name of hosts that lab/hosts made already, for whatever stack.
    """

    to_make: tuple[str, ...]
    made: dict[str, str]

    def of(self, config: dict[str, Any]) -> tuple[str, ...]:
        """Names of the stack's bare-metal hosts that are, or will be, hosts of the lab: same name, same address."""
        known = {**self.made, **{word.split("=")[0]: word.split("=")[1].split(":")[0] for word in self.to_make}}
        hosts = config.get(f"{PREFIX}hosts") or config.get("hosts") or {}
        if not isinstance(hosts, dict):
            return ()
        servers = {
            name: entry
            for name, entry in hosts.items()
            if isinstance(entry, dict) and entry.get("provisioner") == "bare-metal"
        }
        return tuple(name for name, entry in servers.items() if known.get(name) == str(entry.get("address")))


def lab_hosts(stack: str) -> LabHosts:
    """What the lab has, and is to have, for a stack."""
    file = ROOT / "lab" / "stacks" / stack
    lines = [line.split("#")[0].strip() for line in file.read_text().splitlines()] if file.exists() else []
    specs = sorted((ROOT / ".state" / "lab" / lab_name() / "hosts").glob("*/spec"))
    fields = [spec.read_text().split() for spec in specs]
    return LabHosts(to_make=tuple(line for line in lines if line), made={words[0]: words[1] for words in fields})


def _read(*words: str) -> str:
    done = subprocess.run([str(ROOT / "lab" / "hosts"), *words], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise DeployError(f"lab/hosts {' '.join(words)} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def with_keys(config: dict[str, Any], hosts: tuple[str, ...], *, known: bool) -> dict[str, Any]:
    """The configuration with the SSH host keys of the lab's hosts, and with the lab's bridge for the VMs beside them.

    Args:
        config: the stack's configuration, keys with their prefix. It is not changed. What the user says of a host wins.
        hosts: the stack's hosts that are hosts of the lab.
        known: False before they are there: a placeholder stands for each key.

    Raises:
        DeployError: a host does not answer.
    """
    if not hosts:
        return config
    entries: dict[str, Any] = dict(config[f"{PREFIX}hosts"])
    first_use = (config.get(f"{PREFIX}bare_metal") or {}).get("trust_on_first_use")
    for name in hosts:
        if "ssh_host_key" not in entries[name] and not first_use and not entries[name].get("lost"):
            entries[name] = {**entries[name], "ssh_host_key": _read("key", name) if known else placeholder_key(name)}
    vms = any(entry.get("provisioner") != "bare-metal" for entry in entries.values() if isinstance(entry, dict))
    network = dict(config.get(f"{PREFIX}network") or {})
    if vms and "bridge" not in network:
        network["bridge"] = _read("bridge") if known else "lab"
    return {**config, f"{PREFIX}hosts": entries, f"{PREFIX}network": network}
