"""Which engine and plugins made a stack: said in the stack's own configuration, so that no other toolchain goes on with
it unless somebody says so.

The engine writes the state and the plugins read it back: another version may want to replace what the first one made.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from deploy.errors import DeployError
from deploy.paths import ROOT, StackPaths, write_private

#: Namespace of the keys in the stack's configuration, which Pulumi keeps with each update.
PREFIX = "mariadb-ha-made-with:"
#: Parts of the toolchain, as toolchain/lib/parts.sh names them, and what each is to a reader.
PARTS = {
    "cli": "engine",
    "language": "language host for Python",
    "libvirt": "plugin libvirt",
    "command": "plugin command",
}
#: The word of somebody who wants to switch.
WORD = "MARIADB_HA_TOOLCHAIN_SWITCH"


def toolchain(root: Path = ROOT) -> dict[str, str]:
    """Version and way of each part that toolchain/install has made, such as "3.190.0 build"."""
    found = {}
    for part in PARTS:
        stamp = root / ".cache" / "toolchain" / "installed" / part
        if stamp.exists():
            fields = dict(line.split("=", 1) for line in stamp.read_text().splitlines() if "=" in line)
            found[part] = f"{fields.get('version', '?')} {fields.get('way', '?')}"
    return found


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """What a generated stack file says about it: its keys as they are."""
    config = document.get("config") or {}
    return {key: value for key, value in config.items() if str(key).startswith(PREFIX)}


def refuse_switch(paths: StackPaths, now: dict[str, str]) -> None:
    """Refuses a toolchain that is not the one that made the stack, but for the user's word.

    Raises:
        DeployError: it is another one; nothing was touched.
    """
    document = yaml.safe_load(paths.generated.read_text()) if paths.generated.exists() else None
    before = {str(key).removeprefix(PREFIX): str(value) for key, value in kept(document or {}).items()}
    differing = [part for part in PARTS if part in before and part in now and before[part] != now[part]]
    if not differing or os.environ.get(WORD) == "yes":
        return
    words = "\n".join(f"  {PARTS[part]}: {before[part]} made it, this toolchain has {now[part]}" for part in differing)
    raise DeployError(
        f"stack {paths.stack} was made by another toolchain:\n{words}\n"
        "Nothing was touched. Another engine or plugin may want to replace what the first one made, and an older\n"
        f"engine may not read the state. Look with `deploy/pulumi {paths.stack} preview --diff`, then go on with\n"
        f"`{WORD}=yes make up`; or have the former one again (MARIADB_HA_TOOLCHAIN, see toolchain/README.md)."
    )


def note(paths: StackPaths, now: dict[str, str]) -> None:
    """Says in the stack's configuration what made it."""
    document = yaml.safe_load(paths.generated.read_text())
    config = {key: value for key, value in document["config"].items() if not str(key).startswith(PREFIX)}
    document["config"] = {**config, **{PREFIX + part: value for part, value in now.items()}}
    write_private(paths.generated, yaml.safe_dump(document, sort_keys=False))
