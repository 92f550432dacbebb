"""Serves the package to the engine, which starts this when a program declares one of its components."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi.provider import main

from components.package import Package

main(Package(), sys.argv[1:])
