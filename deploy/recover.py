"""After an `up` that was killed: its lock, its half-made resources, and volumes that an earlier stack left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from rich.console import Console

from deploy.errors import DeployError
from deploy.paths import ROOT

#: Most bytes that a new qcow2 volume takes up: its header and first tables.
EMPTY_VOLUME = 4 << 20
_KINDS = {
    "libvirt:index/domain:Domain": "domain",
    "libvirt:index/volume:Volume": "volume",
    "libvirt:index/cloudInitDisk:CloudInitDisk": "volume",
    "libvirt:index/network:Network": "network",
    "libvirt:index/pool:Pool": "pool",
}


def release_lock(stack: auto.Stack, console: Console) -> None:
    """Waits for a living `pulumi` of this stack; takes away the lock of one that is dead."""
    folder = ROOT / ".state" / "pulumi" / ".pulumi" / "locks"
    said = False
    while True:
        held = [(path, _holder(path)) for path in folder.glob(f"**/{stack.name}/*.json")]
        alive = [pid for _, pid in held if pid and Path(f"/proc/{pid}").exists() and "pulumi" in _command(pid)]
        if not alive:
            break
        if not said:
            console.print(
                f"  another pulumi (pid {alive[0]}) is at work on this stack, perhaps left by a killed run: waiting "
                "for it to end"
            )
            said = True
        time.sleep(1)
    if held:
        console.print("  an earlier run was killed: taking away its lock")
        for path, _ in held:
            path.unlink(missing_ok=True)


def _holder(lock: Path) -> int:
    try:
        return int(json.loads(lock.read_text()).get("pid", 0))
    except (ValueError, OSError):
        return 0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def exported_state(stack: auto.Stack) -> auto.Deployment:
    """The stack's state.

    Raises:
        DeployError: it cannot be read, most often because the passphrase that it was made with is gone.
    """
    try:
        return stack.export_stack()
    except auto.CommandError as error:
        raise DeployError(
            f"the state of stack {stack.name} cannot be read, and nothing was touched:\n{str(error).strip()}\n"
            f"If .state/{stack.name}/passphrase was lost or made anew, bring back the one that the state was made with."
        ) from None


def clear_pending(stack: auto.Stack, uri: str, console: Console) -> None:
    """Removes what a killed run was just making at the hypervisor, then forgets that it was pending.

    Only resources that Pulumi's own journal says were being *created* are removed: no VM has ever used them.
    """
    exported = exported_state(stack)
    deployment: dict[str, Any] = dict(exported.deployment or {})
    pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
    if not pending:
        return
    for operation in pending:
        resource: dict[str, Any] = operation.get("resource", {})
        kind = _KINDS.get(resource.get("type", ""))
        inputs = resource.get("inputs", {})
        if kind and operation.get("type") == "creating" and inputs.get("name"):
            name, pool = str(inputs["name"]), str(inputs.get("pool", ""))
            if name.endswith("-data.qcow2"):
                _refuse_data(uri, name, pool)
            console.print(f"  an earlier run was killed while it made {kind} {name}: removing the half-made one")
            _remove(uri, kind, name, pool)
    deployment.pop("pending_operations", None)
    stack.import_stack(auto.Deployment(version=exported.version, deployment=deployment))


def virsh(uri: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One virsh command; the caller looks at its result."""
    return subprocess.run(
        ["virsh", "-q", "-c", uri, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "LC_ALL": "C"},
    )


def _refuse_data(uri: str, name: str, pool: str) -> None:
    """A volume that was just being made is empty. One that is not was there before, whoever made it.

    Raises:
        DeployError: it holds something.
    """
    info = virsh(uri, "vol-info", "--bytes", name, "--pool", pool).stdout
    found = re.search(r"Allocation:\s+(\d+)", info)
    if found and int(found[1]) > EMPTY_VOLUME:
        raise DeployError(
            f"data volume {name} in pool {pool} holds {int(found[1]) >> 20} MiB, though Pulumi's journal says it was "
            "only being made: it was there before.\n"
            "It may hold a database, and nothing was touched. Move it away (`virsh vol-clone`, `virsh vol-delete`), "
            "then run `make up` again."
        )


def _remove(uri: str, kind: str, name: str, pool: str) -> None:
    commands: dict[str, list[tuple[str, ...]]] = {
        "domain": [("destroy", name), ("undefine", name, "--nvram")],
        "network": [("net-destroy", name), ("net-undefine", name)],
        "pool": [("pool-destroy", name), ("pool-undefine", name)],
        "volume": [("pool-refresh", pool), ("vol-delete", name, "--pool", pool)],
    }
    for words in commands[kind]:
        virsh(uri, *words)


def refuse_retained(stack: auto.Stack, *, adopt: bool, marker: Path, pool_path: Path) -> None:
    """Stops before an `up` that would meet data volumes of an earlier life of this stack, unless told to take them.

    Args:
        stack: the stack.
        adopt: `hypervisor.adopt_retained_volumes`.
        marker: what `down` wrote when it kept volumes.
        pool_path: folder of the stack's own storage pool.

    Raises:
        DeployError: volumes are there and nobody said to take them.
    """
    if marker.exists() and not adopt:
        raise DeployError(
            f"data volumes of an earlier life of this stack were retained: {marker.read_text().strip()}. They hold "
            "databases, and nothing was touched.\n"
            "To start with that data set `hypervisor.adopt_retained_volumes: true` in the stack file;\n"
            f"to throw it away run `deploy/pulumi {stack.name} state unprotect --all --yes` and `make down "
            f"STACK={stack.name}` first."
        )
    deployment: dict[str, Any] = dict(exported_state(stack).deployment or {})
    resources = deployment.get("resources") or []
    known = {r["inputs"].get("name") for r in resources if r.get("type") == "libvirt:index/volume:Volume"}
    strangers = (
        sorted(p.name for p in pool_path.glob("*-data.qcow2") if p.name not in known) if pool_path.exists() else []
    )
    if strangers:
        raise DeployError(
            f"data volumes lie in {pool_path} that this stack's state does not know: {', '.join(strangers)}.\n"
            "They may hold databases, and nothing was touched. Move them away, or bring them back with `pulumi "
            "import`; then run `make up` again."
        )


def forget_lost(stack: auto.Stack, lost: Sequence[str]) -> None:
    """Marks the withdrawals of hosts that are declared lost, so that `destroy` does not wait for them though no `up`
    came between.
    """
    names = {f"{stack.name}-{host}-withdraw" for host in lost}
    exported = exported_state(stack)
    deployment: dict[str, Any] = dict(exported.deployment or {})
    held = [
        r
        for r in deployment.get("resources") or []
        if r["urn"].rsplit("::", 1)[-1] in names and not r.get("retainOnDelete")
    ]
    if held:
        for resource in held:
            resource["retainOnDelete"] = True
        stack.import_stack(auto.Deployment(version=exported.version, deployment=deployment))
