"""Which files of the hosts are no longer what was delivered: every host is asked at once, each compares with its own
record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from ops.component import Component
from ops.components import components_of
from ops.hosts.shell import Answer, Shell, on_all
from ops.inventory import Inventory, Model
from ops.paths import PROGRAMS

UNFINISHED = "@@hactl unfinished"
#: Patience for one host, in seconds: emulated guests are slow, and a delivery that is under way is waited for.
PATIENCE = 600.0

_ASK = f"""
program={PROGRAMS}/drift
[ -x "$program" ] || {{ echo "there is no $program: nothing was delivered to this host" >&2; exit 127; }}
"$program" </dev/null
code=$?
# What a delivery that was cut short has left: files are in place, but those who read them do not know yet.
for file in /var/lib/mariadb-ha/sets/*.pending; do
  [ ! -e "$file" ] || {{ file=${{file##*/}}; echo "{UNFINISHED} ${{file%.pending}}"; }}
done
"""


def ask_script(host: str, components: Iterable[Component]) -> str:
    """What a host is asked."""
    open_sets = [each for component in components for each in component.unfinished(host)]
    lines = [f'if {condition}; then echo "{UNFINISHED} {name}"; fi\n' for name, condition in open_sets]
    return "".join([_ASK, *lines, 'exit "$code"\n'])


class Drifted(Model):
    """One file.

    Attributes:
        what: content, mode, owner, missing, or words for what took its place.
        diff: from delivered to now; empty for a secret.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    owner_set: str = Field(alias="set")
    path: str
    what: tuple[str, ...]
    diff: str = ""
    secret: bool = False

    def as_json(self) -> dict[str, Any]:
        """For `--json`; of a secret no content, whatever the host said."""
        diff = "" if self.secret else self.diff
        return {"set": self.owner_set, "path": self.path, "what": list(self.what), "diff": diff, "secret": self.secret}


class _Said(Model):
    files: tuple[Drifted, ...]


@dataclass(frozen=True, kw_only=True)
class HostDrift:
    """What one host said.

    Attributes:
        error: why it could not be asked.
        unfinished: sets whose delivery, a repair's too, was cut short or is under way.
    """

    host: str
    reached: bool
    error: str = ""
    files: tuple[Drifted, ...] = ()
    unfinished: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """True when the host is known to be as delivered."""
        return not (self.error or self.files or self.unfinished)

    @property
    def sets(self) -> set[str]:
        """The sets that want a repair."""
        return {file.owner_set for file in self.files} | set(self.unfinished)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        files = [file.as_json() for file in self.files]
        data = {"asked": not self.error, "reached": self.reached, "error": self.error, "files": files}
        return data | {"unfinished": list(self.unfinished)}


def parse_drift(host: str, answer: Answer) -> HostDrift:
    """From what the host's program printed. A host that cannot be understood counts as not asked."""
    if not answer.reached:
        return HostDrift(host=host, reached=False, error=answer.error or "no answer")
    if answer.code:
        lines = (answer.error.strip() or answer.out.strip()).splitlines()
        words = lines[-1] if lines else f"its program ended with code {answer.code} and said nothing"
        return HostDrift(host=host, reached=True, error=words.removeprefix(f"{host}: drift: "))
    # Words about waiting for another delivery may stand before the object.
    start = 0 if answer.out.startswith("{") else answer.out.find("\n{") + 1
    try:
        data, end = json.JSONDecoder().raw_decode(answer.out[start:])
        said = _Said.model_validate(data)
    except (ValueError, ValidationError) as error:
        words = str(error).splitlines()[0]
        return HostDrift(host=host, reached=True, error=f"its answer is not what hactl understands ({words})")
    after = answer.out[start + end :].splitlines()
    left = tuple(dict.fromkeys(line.removeprefix(UNFINISHED).strip() for line in after if line.startswith(UNFINISHED)))
    return HostDrift(host=host, reached=True, files=said.files, unfinished=left)


def look_for_drift(inventory: Inventory, shell: Shell) -> dict[str, HostDrift]:
    """What every host says, by name."""
    components = components_of(inventory)

    def ask(host: str) -> HostDrift:
        mine = [component for component in components.values() if host in component.entry.hosts]
        return parse_drift(host, shell.run(host, ask_script(host, mine), timeout=PATIENCE))

    return on_all(list(inventory.hosts), ask)


def clean(found: Mapping[str, HostDrift]) -> bool:
    """True when every host could be asked and none has drifted."""
    return all(one.clean for one in found.values())
