"""The guest image's own root directory, in which the real programs read the rendered files: on an overlay, offline,
nothing of the image is changed.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from plan.model import HostPlan
from tests.conftest import ROOT


@cache
def image_root() -> str:
    """The guest image's root directory."""
    return subprocess.run(["lab/root"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def laid(folder: Path, host: HostPlan, extra: dict[str, str] | None = None) -> Path:
    """The host's files (and `extra`, by path) in a folder that stands for `/`."""
    upper = folder / "upper"
    texts = {file.path: (file.content, file.mode) for file in host.files} | {
        path: (text, "0644") for path, text in (extra or {}).items()
    }
    for path, (content, mode) in texts.items():
        target = upper / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        target.chmod(int(mode, 8))
    return upper


def inside(
    folder: Path, host: HostPlan, command: str, extra: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command where the host's files lie as they would on a server; no network."""
    upper = laid(folder, host, extra)
    work, merged = folder / "work", folder / "merged"
    for each in (upper, work, merged):
        each.mkdir(parents=True, exist_ok=True)
    script = (
        f"mount -t overlay overlay -o lowerdir={image_root()},upperdir={upper},workdir={work} {merged} && ip link "
        f"set lo up && mount --rbind /dev {merged}/dev && mount -t proc proc {merged}/proc && mount -t tmpfs tmpfs "
        f"{merged}/run && mkdir {merged}/run/mysqld && exec chroot {merged} sh -c '{command}'"
    )
    return subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", script], capture_output=True, text=True, check=False
    )
