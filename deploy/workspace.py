"""The generated Pulumi workspace of a stack in `.state/<stack>`: program by reference, configuration merged, secrets
made once.
"""

from __future__ import annotations

import secrets
from typing import Any

import yaml

from deploy import made_with
from deploy.errors import DeployError
from deploy.paths import ROOT, StackPaths, write_private
from plan.context import Context
from plan.secrets import Secrets
from settings import SettingsError, Stack, check_config, load_stack
from settings.secret_source import read_stack_secret

PREFIX = "mariadb-ha:"


def tracked_config(paths: StackPaths) -> dict[str, Any]:
    """The `config` mapping of the user's stack file.

    Raises:
        DeployError: there is no such file, or it is not YAML with a `config` mapping.
    """
    if not paths.tracked.exists():
        known = sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in ROOT.glob("Pulumi.?*.yaml"))
        raise DeployError(
            f"there is no {paths.tracked.name}: nothing says what stack {paths.stack!r} is. Stack files here: "
            f"{', '.join(known)}."
        )
    try:
        document = yaml.safe_load(paths.tracked.read_text())
    except yaml.YAMLError as error:
        raise DeployError(f"{paths.tracked.name} is not YAML: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("config"), dict):
        raise DeployError(f"{paths.tracked.name} has no `config` mapping.")
    return dict(document["config"])


def wants_lab(config: dict[str, Any]) -> bool:
    """True for a stack with VMs whose file names no hypervisor of its own."""
    hypervisor = config.get(f"{PREFIX}hypervisor") or config.get("hypervisor") or {}
    hosts = config.get(f"{PREFIX}hosts") or config.get("hosts") or {}
    servers = (
        isinstance(hosts, dict)
        and hosts
        and all(isinstance(host, dict) and host.get("provisioner") == "bare-metal" for host in hosts.values())
    )
    return "uri" not in hypervisor and not servers


def _generated(paths: StackPaths) -> dict[str, Any]:
    if not paths.generated.exists():
        return {}
    return dict(yaml.safe_load(paths.generated.read_text()) or {})


def merged_config(config: dict[str, Any], *, hypervisor: dict[str, Any], paths: StackPaths) -> dict[str, Any]:
    """The user's configuration with what was found out on this machine; what the user says wins."""
    plain = {key.removeprefix(PREFIX) if key.startswith(PREFIX) else key: value for key, value in config.items()}
    merged = {key if ":" in key else PREFIX + key: value for key, value in plain.items()}
    said = merged.get(f"{PREFIX}hypervisor") or {}
    merged[f"{PREFIX}hypervisor"] = {**hypervisor, **said}
    if f"{PREFIX}stack_secret" not in merged and f"{PREFIX}stack_secret_file" not in merged:
        merged[f"{PREFIX}stack_secret_file"] = str(paths.stack_secret.relative_to(ROOT))
    return merged


def check(config: dict[str, Any], paths: StackPaths, *, to_destroy: bool = False) -> Stack:
    """The settings, when they are good.

    `to_destroy`: whether the stack could go on with the hosts that are left is not asked.

    Raises:
        DeployError: they are not; every problem is named.
    """
    try:
        if messages := check_config(config, paths.stack, to_destroy=to_destroy):
            raise SettingsError(messages)
        return load_stack(config, paths.stack, to_destroy=to_destroy)
    except SettingsError as error:
        raise DeployError(
            f"the settings of stack {paths.stack} cannot be used; nothing was touched:\n{error}"
        ) from None


def stack_secrets(paths: StackPaths, stack: Stack) -> Secrets:
    """The stack's secrets. The one from which they are derived is made where there is none, and never replaced.

    Raises:
        DeployError: the file that the settings name cannot be used.
    """
    secret_file = ROOT / stack.stack_secret_file if stack.stack_secret_file else None
    if secret_file == paths.stack_secret and not paths.stack_secret.exists():
        paths.work.mkdir(parents=True, exist_ok=True)
        write_private(paths.stack_secret, secrets.token_hex(32) + "\n")
    try:
        secret = read_stack_secret(stack, ROOT)
    except SettingsError as error:
        raise DeployError(str(error)) from None
    return Secrets(stack=paths.stack, stack_secret=secret, generations=stack.secret_generations)


def prepare(paths: StackPaths, config: dict[str, Any], *, to_destroy: bool = False) -> Context:
    """Writes the workspace and gives the stack's context. Secrets are made where there are none, and never replaced.

    Raises:
        DeployError: the settings are not usable; every problem is named.
    """
    stack = check(config, paths, to_destroy=to_destroy)
    paths.work.mkdir(parents=True, exist_ok=True)
    paths.work.chmod(0o700)
    (ROOT / ".state" / "pulumi").mkdir(parents=True, exist_ok=True)
    if not paths.passphrase.exists():
        write_private(paths.passphrase, secrets.token_urlsafe(32) + "\n")
    derived = stack_secrets(paths, stack)
    project: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    project["main"] = "../.."
    write_private(paths.work / "Pulumi.yaml", yaml.safe_dump(project, sort_keys=False))
    before = _generated(paths)
    document: dict[str, Any] = {
        key: before[key] for key in ("secretsprovider", "encryptedkey", "encryptionsalt") if key in before
    }
    document["config"] = {**config, **made_with.kept(before)}
    write_private(paths.generated, yaml.safe_dump(document, sort_keys=False))
    return Context(stack=paths.stack, settings=stack, secrets=derived)


def write_access(paths: StackPaths, context: Context) -> None:
    """The stack's own SSH key, for `hactl` and `lab/ssh`; its public half, to be admitted on bare-metal hosts."""
    key = context.secrets.ssh_key("admin-ssh-key")
    write_private(paths.ssh_key, key.private)
    write_private(paths.ssh_key.with_suffix(".pub"), f"{key.public} mariadb-ha {context.stack}\n")
