"""All secrets of a stack from one: HKDF-SHA256 (RFC 5869), one label per purpose, a generation number to rotate one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plan.openssh import openssh_private
from settings.purposes import purposes

#: Order of the curve P-256 (FIPS 186-5, SP 800-186).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, kw_only=True)
class SshKey:
    """An Ed25519 key pair: OpenSSH private key text and one-line public key."""

    private: str = field(repr=False)
    public: str


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Derives secrets. The same secret, stack, purpose, name and generation give the same result everywhere."""

    stack: str
    stack_secret: str = field(repr=False)
    generations: Mapping[str, int] = field(default_factory=dict)

    def _bytes(self, purpose: str, name: str, length: int) -> bytes:
        if purpose not in purposes():
            raise KeyError(f"{purpose} is no purpose that a user could rotate")
        generation = self.generations.get(purpose, 1)
        info = f"mariadb-ha/{self.stack}/{purpose}/{name}/{generation}".encode()
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=b"mariadb-ha", info=info).derive(
            self.stack_secret.encode()
        )

    def password(self, purpose: str, name: str = "", *, length: int = 32) -> str:
        """A password of `length` characters out of A-Z a-z 0-9 - _ (6 bits each)."""
        return base64.urlsafe_b64encode(self._bytes(purpose, name, length)).decode()[:length]

    def ssh_key(self, purpose: str, name: str = "") -> SshKey:
        """An Ed25519 key pair known before the host that will hold it exists."""
        seed = self._bytes(purpose, name, 32)
        key = Ed25519PrivateKey.from_private_bytes(seed)
        public = (
            key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        )
        return SshKey(private=openssh_private(key), public=public)

    def ec_key(self, purpose: str, name: str = "") -> ec.EllipticCurvePrivateKey:
        """A key on the curve P-256 for TLS."""
        # 128 bits more than the order has: the remainder favours no key (FIPS 186-5, A.2.1).
        scalar = int.from_bytes(self._bytes(purpose, name, 48), "big") % (_P256_ORDER - 1) + 1
        return ec.derive_private_key(scalar, ec.SECP256R1())

    def fingerprint(self, text: str) -> str:
        """Eight hexadecimal digits that change with a secret text and tell nothing of it to who has not the stack
        secret (HMAC, RFC 2104).
        """
        return hmac.new(f"{self.stack}/{self.stack_secret}".encode(), text.encode(), hashlib.sha256).hexdigest()[:8]
