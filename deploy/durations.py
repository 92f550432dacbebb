"""How long parts of `make up` took on this machine, for what it says at its start (deploy/forecast reads them).

`.state/durations` holds a line KEY=SECONDS for each; toolchain/lib/durations.sh writes it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.paths import ROOT
from settings import Stack

FILE = ROOT / ".state" / "durations"
#: What took less, in seconds, had nothing to do, and says nothing of how long it takes.
NOTHING = 3.0
#: Stages that deploy/forecast knows, by title.
KEYS = {"lab packages": "lab-packages", "guest image": "guest-image"}


def stack_key(name: str, settings: Stack, *, fresh: bool) -> str:
    """Where the duration of a stack is kept: by what its hosts are, and apart for one that was there."""
    vms = any(host.provisioner != "bare-metal" for host in settings.hosts.values())
    kind = settings.hypervisor.domain_type if vms else "hosts"
    return f"{'stack' if fresh else 'again'}-{name}-{kind}"


def keep(seconds: Mapping[str, float], file: Path = FILE) -> None:
    """Keeps durations by key, whole seconds; what was kept under other keys stays. Never a reason to fail."""
    try:
        lines = file.read_text().splitlines() if file.exists() else []
        known = dict(line.split("=", 1) for line in lines if "=" in line)
        known |= {key: f"{value:.0f}" for key, value in seconds.items()}
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(file.name + ".new")
        partial.write_text("".join(f"{key}={value}\n" for key, value in known.items()))
        partial.replace(file)
    except (OSError, ValueError):
        return


def of_stages(seconds: Mapping[str, float]) -> dict[str, float]:
    """Of the stages' times those worth keeping."""
    return {key: seconds[title] for title, key in KEYS.items() if seconds.get(title, 0.0) >= NOTHING}
