"""From a context to the document of its plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from plan.build import make_plan
from plan.context import Context
from plan.document.machine import machine
from plan.model import ComponentPlan, File, HostPlan, Step
from plan.role import Role


def plan_document(context: Context) -> dict[str, Any]:
    """The plan as JSON takes it. Texts of files that are no secret stand once each, by digest, in `texts`.

    Raises:
        ValueError: the settings ask for what no plan can hold (two owners of one file).
    """
    plan = make_plan(context)
    texts: dict[str, str] = {}
    return {
        "stack": plan.stack,
        "system": plan.system,
        "hosts": {name: _host(context, host, texts) for name, host in plan.hosts.items()},
        "lost": list(context.lost),
        "components": {name: _component(component) for name, component in plan.components.items()},
        "steps": [_step(context, step) for step in plan.steps],
        "promises": plan.promises,
        "read_promises": plan.read_promises,
        "options": _options(context),
        "texts": texts,
    }


def _host(context: Context, host: HostPlan, texts: dict[str, str]) -> dict[str, Any]:
    return {
        "address": host.address,
        "roles": list(host.roles),
        "data": bool(host.volumes) or any(need.datadir for need in host.needs),
        "volumes": [volume.name for volume in host.volumes],
        **machine(context, host),
        "files": {file.path: _file(context, file, texts) for file in host.files},
    }


def _file(context: Context, file: File, texts: dict[str, str]) -> dict[str, Any]:
    about = {
        "mode": file.mode,
        "owner": f"{file.owner}:{file.group}",
        "check": file.check,
        "on_change": list(file.on_change),
        "set": file.owner_set,
    }
    if file.secret:
        return {**about, "secret": True, "text": context.secrets.fingerprint(file.content)}
    digest = hashlib.sha256(file.content.encode()).hexdigest()[:16]
    texts[digest] = file.content
    return {**about, "secret": False, "text": digest}


def _step(context: Context, step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "component": step.component,
        "host": step.host,
        "command": step.command,
        "waits_for": list(step.waits_for),
        "delivers": step.delivers,
        "reads": None if step.stdin is None else context.secrets.fingerprint(step.stdin),
    }


def _component(component: ComponentPlan) -> dict[str, Any]:
    return {
        "kind": component.kind,
        "hosts": list(component.hosts),
        "endpoints": {purpose: asdict(endpoint) for purpose, endpoint in component.endpoints.items()},
        "details": _plain(component.outputs),
        "votes": list(component.votes),
        "copies": [host for host, roles in component.roles.items() if any(map(_keeps_data, roles))],
    }


def _keeps_data(role: Role) -> bool:
    return bool(role.volumes or (role.needs and role.needs.datadir))


def _plain(value: Any) -> Any:
    """A copy that JSON takes."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _options(context: Context) -> dict[str, Any]:
    """What the next change of a host, or its removal, will be done by; nothing runs for it now."""
    settings = context.settings
    found = {
        "hypervisor": settings.hypervisor.model_dump(
            mode="json", include={"protect_data_volumes", "protect_database_hosts", "adopt_retained_volumes"}
        ),
        "bare_metal": settings.bare_metal.model_dump(mode="json"),
        "ssh": settings.ssh.model_dump(mode="json", include={"user", "port"}),
    }
    return {f"{section}.{key}": value for section, keys in found.items() for key, value in keys.items()}
