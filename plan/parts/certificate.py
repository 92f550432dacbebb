"""A certificate that is signed by its own key and is the same at each preview (RFC 5280; ECDSA as in RFC 6979)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: Nobody trusts it for its dates: it is trusted, or not, for its fingerprint.
BEGINS, ENDS = datetime(2025, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)


def self_signed(key: EllipticCurvePrivateKey, *, title: str, addresses: Sequence[str], names: Sequence[str]) -> str:
    """PEM text of a server's certificate. `title`: its subject; `addresses`, `names`: whom it speaks for."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:64])])
    alternatives = [
        *(x509.IPAddress(IPv4Address(address)) for address in addresses),
        *(x509.DNSName(name) for name in names),
    ]
    told = f"{title} {' '.join(addresses)} {' '.join(names)}".encode()
    serial = int.from_bytes(hashlib.sha256(told).digest()[:16], "big") | 1
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    signed = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(Encoding.PEM).decode()


def pem(key: EllipticCurvePrivateKey) -> str:
    """The key's PEM text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
