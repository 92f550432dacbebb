"""Writes docs/settings.md, the reference of every setting, from the models:
`python -m settings.reference [--check]`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from settings.fields import bare, bounds
from settings.keys import known_keys
from settings.purposes import purposes
from settings.rules import RULES
from settings.stack import Stack
from settings.timers import GROUPS, PROFILES

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "settings.md"
EXAMPLE = ROOT / "Pulumi.dev.yaml"

_INTRO = """# Settings

Generated from the settings models by `python -m settings.reference`; a test keeps it current. Do not edit.

A stack's settings stand in `Pulumi.<stack>.yaml` under `config`, each top-level key with the prefix `mariadb-ha:`.
Single values can be set by `pulumi config set --path 'mariadb-ha:directors.virtual_router_id' 52`, secrets by `pulumi
config set --secret …`. Unknown keys are errors. Before anything is touched `settings.check_config` compares all
settings with each other and names every problem at once: the key, what is wrong, what would follow, what to write
instead.

A stack file has one section of each kind of system, and as many kinds as it likes. A second DRBD pair, web pair or
master-master pair is a stack of its own, or a component of a program of your own, which names them freely
(`examples/own_program`).

Times are in seconds, sizes in MiB or GiB as the key says. *Required* means: where the section is given, the key must
be there.
"""


Fields = Mapping[str, FieldInfo]


def tables() -> Iterator[tuple[str, type[BaseModel], Fields]]:
    """(key path, model, fields) of every section, in the order of the settings; names that the user chooses are shown
    as <name>.
    """
    yield "", Stack, known_keys()
    for name, field in known_keys().items():
        yield from _below("", name, field)


def _below(key: str, name: str, field: FieldInfo) -> Iterator[tuple[str, type[BaseModel], Fields]]:
    kind, where = bare(field.annotation), below(key, name, field)
    if not where:
        return
    model: type[BaseModel] = bare(get_args(kind)[1]) if get_origin(kind) is dict else kind
    yield where, model, model.model_fields
    for inner, entry in model.model_fields.items():
        yield from _below(where, inner, entry)


def short(annotation: Any, field: FieldInfo | None = None) -> str:
    """A type in a table cell."""
    kind, limits = bare(annotation), bounds(field)
    low, high = limits.get("ge", limits.get("gt")), limits.get("le")
    if kind in (int, float):
        span = (
            f" {low}-{high}"
            if low is not None and high is not None
            else f" > {low}"
            if "gt" in limits
            else f" ≥ {low}"
            if low is not None
            else ""
        )
        return ("integer" if kind is int else "number") + span
    plain = {
        bool: "true, false",
        str: "text",
        SecretStr: "secret text",
        IPv4Address: "IPv4 address",
        IPv4Network: "IPv4 subnet",
    }
    if kind in plain:
        return plain[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(short(each) for each in arguments)
    if origin is Literal:
        return ", ".join(f"`{item}`" for item in arguments)
    if origin is tuple:
        return f"list of {short(arguments[0])}"
    if origin is dict:
        inner = bare(arguments[1])
        return (
            "mapping by name"
            if isinstance(inner, type) and issubclass(inner, BaseModel)
            else f"mapping of {short(inner)}"
        )
    return "section"


def default(field: FieldInfo) -> str:
    """A default in a table cell."""
    if field.is_required():
        return "*required*"
    value = field.default
    if isinstance(value, BaseModel):
        return "its keys' defaults"
    if value is None or value in ((), {}):
        return "-"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value)}`" if isinstance(value, tuple) else f"`{value}`"


def _words(docstring: str | None) -> str:
    """A docstring as one line."""
    return " ".join((docstring or "").split())


def _meaning(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    form = f" Form: {extra['form']}." if isinstance(extra, dict) and "form" in extra else ""
    return f"{field.description or ''}{form}".replace("|", "\\|")


def below(key: str, name: str, field: FieldInfo) -> str | None:
    """The key path of the section that a key opens; None for a plain value."""
    kind, where = bare(field.annotation), f"{key}.{name}" if key else name
    if get_origin(kind) is dict:
        kind, where = bare(get_args(kind)[1]), f"{where}.<name>"
    return where if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _type(key: str, name: str, field: FieldInfo) -> str:
    where = below(key, name, field)
    anchor = re.sub(r"[^a-z0-9_-]", "", (where or "").lower())
    return f"[{short(field.annotation, field)}](#{anchor})" if where else short(field.annotation, field)


def section(key: str, model: type[BaseModel], fields: Fields) -> str:
    """Heading, explanation and table of one section."""
    lines = [
        f"## {f'`{key}`' if key else 'Top level'}",
        "",
        _words(model.__doc__),
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {_type(key, name, field)} | {default(field)} | {_meaning(field)} |"
        for name, field in fields.items()
    ]
    return "\n".join(lines) + "\n"


def profiles() -> str:
    """The timer profiles side by side."""
    rows = [
        f"| `{name}` | " + " | ".join(f"{group.profiles[profile][name]:g}" for profile in PROFILES) + " |"
        for group in GROUPS
        for name in group.profiles["lan"]
    ]
    head = ["### Timer profiles", "", f"| timer | {' | '.join(PROFILES)} |", "|---" * (len(PROFILES) + 1) + "|"]
    return "\n".join([*head, *rows]) + "\n"


def rules() -> str:
    """What is compared between settings, by theme: the first line of every rule's docstring."""
    lines = [
        "## Rules between settings",
        "",
        "Checked by `settings.check_config` besides every key's own type and limits.",
        "",
    ]
    themes: dict[str, list[str]] = {}
    for entry in RULES:
        themes.setdefault(entry.check.__module__, []).append(_words(entry.check.__doc__))
    for module, sentences in themes.items():
        title = _words(import_module(module).__doc__).rstrip(".")
        lines += [f"- **{title}**", *(f"  - {sentence}" for sentence in sentences)]
    world = (
        "an explicit `hypervisor.uri` must answer within 3 s, an explicit `hypervisor.image` that is a path must be "
        "there"
    )
    return "\n".join([*lines, f"- **The world**: {world}."]) + "\n"


def purposes_line() -> str:
    """What `secret_generations` can rotate."""
    return f"Purposes of `secret_generations`: {', '.join(f'`{name}`' for name in purposes())}.\n"


def reference() -> str:
    """The whole page."""
    parts = [_INTRO, "## Example\n\nThe `dev` stack:\n\n```yaml\n" + EXAMPLE.read_text(encoding="utf-8") + "```\n"]
    for key, model, fields in tables():
        parts.append(section(key, model, fields))
        if not key:
            parts.append(purposes_line())
        if key == "timers":
            parts.append(profiles())
    return "\n".join([*parts, rules()])


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with --check only say whether it is current (exit 1 where it is not)."""
    parser = argparse.ArgumentParser(
        prog="python -m settings.reference", description="Writes docs/settings.md from the settings models."
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where the page is not current")
    given = parser.parse_args(arguments)
    text = reference()
    current = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    if given.check:
        if current != text:
            print("docs/settings.md is not current: run `python -m settings.reference`", file=sys.stderr)
        return int(current != text)
    FILE.parent.mkdir(exist_ok=True)
    if current != text:
        FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
