"""MAC addresses of VMs."""

from __future__ import annotations

import hashlib


def derived_mac(stack: str, host: str) -> str:
    """A stable MAC address in QEMU's 52:54:00 range for a host of a stack."""
    tail = hashlib.sha256(f"{stack}/{host}".encode()).digest()[:3]
    return "52:54:00:" + ":".join(f"{byte:02x}" for byte in tail)
