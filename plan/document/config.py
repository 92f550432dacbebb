"""The settings of a stack as they lie in a folder, with stand-ins for what only the stack's owner can read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from plan.openssh import placeholder_key
from settings.intake import PROJECT
from settings.problem import SettingsError, path

PREFIX = f"{PROJECT}:"


@dataclass(frozen=True, kw_only=True)
class Found:
    """Attributes:
    config: the stack's configuration, as `load_stack` takes it.
    sealed: cipher text by key path of values that are encrypted.
    stood_in: key paths of values that are made elsewhere, and have a stand-in here.
    """

    config: dict[str, Any]
    sealed: dict[str, str]
    stood_in: tuple[str, ...]


def read_config(folder: Path, stack: str, key: str) -> Found:
    """What `Pulumi.yaml` and `Pulumi.STACK.yaml` in a folder say.

    `key` stands for the stack secret, where the settings leave it to `make up`.

    Raises:
        SettingsError: a file is missing or cannot be read.
    """
    config = {**_defaults(_load(folder / "Pulumi.yaml")), **_mapping(folder / f"Pulumi.{stack}.yaml")}
    config = {name if ":" in name else PREFIX + name: value for name, value in config.items()}
    sealed = dict(_sealed(config))
    stood_in = []
    if not config.get(f"{PREFIX}stack_secret") and not config.get(f"{PREFIX}stack_secret_file"):
        config[f"{PREFIX}stack_secret"] = key
        stood_in.append("stack_secret")
    hosts = config.get(f"{PREFIX}hosts")
    for host in _of_lab(folder, stack):
        entry = hosts.get(host) if isinstance(hosts, dict) else None
        if isinstance(entry, dict) and entry.get("provisioner") == "bare-metal" and "ssh_host_key" not in entry:
            entry["ssh_host_key"] = placeholder_key(host)
            stood_in.append(f"hosts.{host}.ssh_host_key")
    return Found(config=config, sealed=sealed, stood_in=tuple(stood_in))


def _load(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            [f"{file.name}: is not there. Nothing says what the stack is. Name a stack whose file is in the tree."]
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = " ".join(str(error).split())
        raise SettingsError(
            [f"{file.name}: cannot be read as YAML ({words}). No setting is known. Mend the file."]
        ) from None


def _mapping(file: Path) -> dict[str, Any]:
    document = _load(file)
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise SettingsError(
            [f"{file.name}: has no `config` mapping. No setting is known. Write `config:` with the settings below it."]
        )
    return {str(name): value for name, value in config.items()}


def _defaults(project: Any) -> dict[str, Any]:
    """Values that the project's file gives to all stacks (pulumi.com/docs, project file, `config`)."""
    config = project.get("config") if isinstance(project, dict) else None
    found = {}
    for name, entry in (config if isinstance(config, dict) else {}).items():
        if isinstance(entry, dict):
            value = entry.get("value", entry.get("default"))
            if value not in (None, "", {}):
                found[str(name)] = value
    return found


def _of_lab(folder: Path, stack: str) -> list[str]:
    """Hosts that the lab makes for the stack, and whose keys it gives."""
    file = folder / "lab" / "stacks" / stack
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.split("=")[0].strip() for line in lines if "=" in line and not line.lstrip().startswith("#")]


def _sealed(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    def walk(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            if set(value) == {"secure"}:
                yield path(*at), json.dumps(value["secure"])
                return
            for name, each in value.items():
                yield from walk(each, (*at, str(name)))
        elif isinstance(value, list):
            for number, each in enumerate(value):
                yield from walk(each, (*at, number))

    for name, value in config.items():
        yield from walk(value, (name.removeprefix(PREFIX),))
