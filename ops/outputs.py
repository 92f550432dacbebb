"""From Pulumi's stack outputs to the inventory file: the outputs without secrets, and how to reach the hosts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from ops import inventory, paths
from ops.errors import Exit, OpsError
from ops.lab import lab_access

#: What `pulumi stack output` prints in a secret's place.
BLINDED = "[secret]"
#: Patience for Pulumi, in seconds.
PATIENCE = 600.0


def strip_secrets(value: Any) -> Any:
    """The same without passwords and without Pulumi's placeholder for secrets."""
    if isinstance(value, dict):
        return {key: strip_secrets(inner) for key, inner in value.items() if "password" not in key and inner != BLINDED}
    if isinstance(value, list):
        return [strip_secrets(inner) for inner in value if inner != BLINDED]
    return value


def _pulumi(stack: str, root: Path, *options: str) -> dict[str, Any]:
    work = paths.state_dir(stack, root)
    generated = (work / "Pulumi.yaml").exists()
    runner = root / "toolchain" / "run"
    # Only a stack of `make up` is in the checkout's own backend; for others Pulumi's login and environment are the
    # user's.
    prefix = [str(runner)] if generated and runner.exists() else []
    command = [*prefix, "pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack, *options]
    environment = dict(os.environ)
    environment["PATH"] = f"{environment.get('PATH', os.defpath)}:{root / '.cache' / 'toolchain' / 'bin'}"
    if (work / "passphrase").exists():
        environment["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(work / "passphrase")
    up = f"make up STACK={stack}" if generated else "pulumi up"
    todo = f"bring the stack up (`{up}`), or make its inventory where Pulumi's backend can be reached"
    try:
        done = subprocess.run(
            command,
            cwd=work if generated else root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise OpsError(
            "pulumi is not installed, so the outputs cannot be read",
            "run `toolchain/install`, or install Pulumi",
            Exit.UNREACHABLE,
        ) from None
    except subprocess.TimeoutExpired:
        raise OpsError(
            f"pulumi gave no outputs of stack {stack} in {PATIENCE:.0f} s",
            "see that its state backend answers",
            Exit.UNREACHABLE,
        ) from None
    if done.returncode:
        raise OpsError(
            f"pulumi gives no outputs of stack {stack}: {done.stderr.strip() or done.stdout.strip()}",
            todo,
            Exit.UNREACHABLE,
        )
    outputs = json.loads(done.stdout or "{}")
    if not outputs:
        raise OpsError(f"stack {stack} has no outputs: it was never brought up whole", todo, Exit.UNREACHABLE)
    return dict(outputs)


def read_outputs(stack: str, root: Path) -> dict[str, Any]:
    """The stack's outputs without secrets.

    Raises:
        OpsError: Pulumi is missing, or knows no outputs of this stack.
    """
    outputs = _pulumi(stack, root)
    if BLINDED in outputs.values():
        # One secret inside can blind a whole output: read it in clear, keep what is not secret.
        outputs = _pulumi(stack, root, "--show-secrets")
    return dict(strip_secrets(outputs))


def read_outputs_in_clear(stack: str, root: Path) -> dict[str, Any]:
    """The stack's outputs with their secrets, for a command that hands them to the user.

    Raises:
        OpsError: Pulumi is missing, has no passphrase, or knows no outputs of this stack.
    """
    return _pulumi(stack, root, "--show-secrets")


def _write_known_hosts(file: Path, hosts: dict[str, Any]) -> None:
    """The hosts' public keys from the outputs (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT); no file where no key is known."""
    lines = []
    for entry in hosts.values():
        address, port, key = entry.get("address"), entry.get("ssh_port", 22), entry.get("ssh_host_key")
        if address and key:
            lines.append(f"{address if port == 22 else f'[{address}]:{port}'} {key}\n")
    if lines:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(file.name + ".new")
        partial.write_text("".join(lines))
        partial.replace(file)


def _access(stack: str, root: Path, data: dict[str, Any]) -> dict[str, Any]:
    """How to reach the hosts: as `make up` left it, the rest from the outputs; through the lab that has them, where
    `make up` did not say. Without a key of the stack: with the user's own."""
    work, hosts = paths.state_dir(stack, root), data["hosts"]
    access: dict[str, Any] = {}
    if (work / "access.json").exists():
        access = json.loads((work / "access.json").read_text())
    else:
        taken = {entry.get("address") for entry in hosts.values()}
        taken |= {endpoint.get("host") for endpoint in data.get("endpoints", {}).values()}
        access = lab_access(hosts, root, taken)
    if "known_hosts" not in access or not (root / access["known_hosts"]).exists():
        access.pop("known_hosts", None)
        _write_known_hosts(work / "known_hosts", hosts)
    if "ssh_key" in access and not (root / access["ssh_key"]).exists():
        del access["ssh_key"]
    for key, name in (("ssh_key", "id_ed25519"), ("known_hosts", "known_hosts")):
        if key not in access and (work / name).exists():
            access[key] = str((work / name).relative_to(root))
    return access


def given_outputs(text: str, source: str) -> dict[str, Any]:
    """What `pulumi stack output --json` of any program printed, without secrets.

    Args:
        text: JSON.
        source: where it is from, for messages.

    Raises:
        OpsError: it is not the JSON object that Pulumi prints.
    """
    todo = "`pulumi stack output --json`, in the folder of the program that declares the system, prints them"
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise OpsError(f"the outputs in {source} are not JSON ({error})", todo, Exit.REFUSED) from None
    if not isinstance(found, dict):
        raise OpsError(f"the outputs in {source} are not a JSON object", todo, Exit.REFUSED)
    return dict(strip_secrets(found))


def write_inventory(stack: str, root: Path = paths.ROOT, given: dict[str, Any] | None = None) -> Path:
    """Writes `.state/<stack>/inventory.json`, all or nothing. Gives its path.

    Args:
        stack: its name.
        root: the checkout's folder.
        given: outputs without secrets, of a stack that another program has declared; None: Pulumi is asked for them.

    Raises:
        OpsError: the outputs cannot be had, or are not a stack's.
    """
    data = (read_outputs(stack, root) if given is None else given) | {"stack": stack}
    target = paths.inventory_file(stack, root)
    inventory.parse(data, f"the outputs of stack {stack}")
    data["access"] = _access(stack, root, data)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".new")
    partial.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n")
    partial.replace(target)
    return target
