"""Root, for what needs it: the lab's namespaces and libvirt. What is written belongs to the user who called."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from deploy.errors import DeployError
from deploy.paths import ROOT, TOOLCHAIN_RUN


def become_root() -> None:
    """Runs this program again through sudo where it is not root yet.

    Raises:
        DeployError: there is no sudo.
    """
    if os.geteuid() == 0:
        return
    if shutil.which("sudo") is None:
        raise DeployError("this needs root (network namespaces, libvirt), and sudo is not installed: run it as root.")
    kept = "LAB_NAME,MARIADB_HA_PORT,MARIADB_HA_TOOLCHAIN_SECONDS,MARIADB_HA_TOOLCHAIN"
    os.execvp("sudo", ["sudo", f"--preserve-env={kept}", "--", str(TOOLCHAIN_RUN), "python", "-m", "deploy", *sys.argv[1:]])  # noqa: S606


def give_back(*folders: Path) -> None:
    """Hands what root wrote below the project's state to the user who called sudo."""
    if "SUDO_UID" not in os.environ:
        return
    owner, group = int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"])
    for folder in (ROOT / ".state", *folders):
        if folder.exists():
            os.chown(folder, owner, group)
    for folder in folders:
        for path in folder.rglob("*"):
            os.chown(path, owner, group, follow_symlinks=False)
