"""Root, for what needs it: the lab's namespaces and libvirt. What is written belongs to the user who called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from deploy.errors import DeployError
from deploy.paths import ROOT, TOOLCHAIN_RUN


def become_root() -> None:
    """Runs this program again through sudo where it is not root yet. For stacks in the lab alone: servers and
    hypervisors elsewhere are reached as the user who called.

    Raises:
        DeployError: there is no sudo.
    """
    if os.geteuid() == 0:
        return
    if shutil.which("sudo") is None:
        raise DeployError("the lab needs root (network namespaces), and sudo is not installed: run it as root.")
    kept = "LAB_NAME,MARIADB_HA_PORT,MARIADB_HA_TOOLCHAIN_SECONDS,MARIADB_HA_TOOLCHAIN,MARIADB_HA_TOOLCHAIN_SWITCH"
    # No byte code of root's in the user's tree.
    command = ["env", "PYTHONDONTWRITEBYTECODE=1", str(TOOLCHAIN_RUN), "python", "-m", "deploy", *sys.argv[1:]]
    os.execvp("sudo", ["sudo", f"--preserve-env={kept}", "--", *command])  # noqa: S606


def give_back() -> None:
    """Hands what root wrote in this checkout to the user who called sudo; see lab/give-back."""
    if os.environ.get("SUDO_UID"):
        subprocess.run([str(ROOT / "lab" / "give-back")], check=False)
