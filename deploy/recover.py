"""After an `up` that was killed: its lock, its half-made resources, and volumes that an earlier stack left behind."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from rich.console import Console

from deploy.errors import DeployError
from deploy.paths import ROOT

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
            console.print(f"  another pulumi (pid {alive[0]}) is at work on this stack, perhaps left by a killed run: waiting for it to end")
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


def clear_pending(stack: auto.Stack, uri: str, console: Console) -> None:
    """Removes what a killed run was just making at the hypervisor, then forgets that it was pending.

    Only resources that Pulumi's own journal says were being *created* are removed: no VM has ever used them.
    """
    exported = stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
    if not pending:
        return
    for operation in pending:
        resource: dict[str, Any] = operation.get("resource", {})
        kind = _KINDS.get(resource.get("type", ""))
        inputs = resource.get("inputs", {})
        if kind and operation.get("type") == "creating" and inputs.get("name"):
            console.print(f"  an earlier run was killed while it made {kind} {inputs['name']}: removing the half-made one")
            _remove(uri, kind, str(inputs["name"]), str(inputs.get("pool", "")))
    deployment.pop("pending_operations", None)
    stack.import_stack(auto.Deployment(version=exported.version, deployment=deployment))


def virsh(uri: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One virsh command; the caller looks at its result."""
    return subprocess.run(["virsh", "-q", "-c", uri, *words], capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "LC_ALL": "C"})


def _remove(uri: str, kind: str, name: str, pool: str) -> None:
    commands: dict[str, list[tuple[str, ...]]] = {
        "domain": [("destroy", name), ("undefine", name, "--nvram")],
        "network": [("net-destroy", name), ("net-undefine", name)],
        "pool": [("pool-destroy", name), ("pool-undefine", name)],
        "volume": [("pool-refresh", pool), ("vol-delete", name, "--pool", pool)],
    }
    for words in commands[kind]:
        virsh(uri, *words)


def refuse_retained(stack: auto.Stack, *, adopt: bool, pool_path: Path) -> None:
    """Stops before an `up` that would meet data volumes of an earlier life of this stack, unless told to take them.

    Raises:
        DeployError: volumes are there and nobody said to take them.
    """
    deployment: dict[str, Any] = dict(stack.export_stack().deployment or {})
    resources = deployment.get("resources") or []
    kept = [r["inputs"]["name"] for r in resources if r.get("type") == "libvirt:index/volume:Volume" and str(r.get("urn", "")).endswith("-data")]
    has_domains = any(r.get("type") == "libvirt:index/domain:Domain" for r in resources)
    if kept and not has_domains and not adopt and any(r.get("protect") for r in resources):
        raise DeployError(
            f"data volumes of an earlier life of this stack were retained: {', '.join(kept)}. They hold databases, and nothing was touched.\n"
            "To start with that data set `hypervisor.adopt_retained_volumes: true` in the stack file;\n"
            "to throw it away set `hypervisor.protect_data_volumes: false`, run `pulumi state unprotect --all` and `make down` first."
        )
    known = {r["inputs"].get("name") for r in resources if r.get("type") == "libvirt:index/volume:Volume"}
    strangers = sorted(p.name for p in pool_path.glob("*-data.qcow2") if p.name not in known) if pool_path.exists() else []
    if strangers:
        raise DeployError(
            f"data volumes lie in {pool_path} that this stack's state does not know: {', '.join(strangers)}.\n"
            "They may hold databases, and nothing was touched. Move them away, or bring them back with `pulumi import`; then run `make up` again."
        )
