"""The folder against which file names in the settings are read."""

from __future__ import annotations

from pathlib import Path


def project_folder() -> Path:
    """The checkout; where the package is installed, the folder in which Pulumi runs the program that uses it."""
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "Pulumi.yaml").is_file() else Path.cwd()
