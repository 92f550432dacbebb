"""The account by which the two servers of a pair replicate each other, and by which one asks the other for its data."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys

from mha_common import Failure, at

FILE = "/etc/mariadb-ha/replication.json"


def recorded() -> dict[str, str]:
    """{"user", "password"} as delivered last. Raises Failure."""
    try:
        found = json.loads(at(FILE).read_text())
        return {"user": str(found["user"]), "password": str(found["password"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"{FILE} cannot be used: {error}", todo="deliver it again: pulumi up") from None


def given() -> dict[str, str]:
    """The same from standard input. Raises Failure."""
    try:
        found: dict[str, str] = json.load(sys.stdin)
    except ValueError as error:
        raise Failure(f"standard input is not JSON: {error}") from None
    return found


def proof(password: str, nonce: str) -> str:
    """That the password is known, without it: HMAC-SHA256 of a number that the other side has made up."""
    return hmac.new(password.encode(), nonce.encode(), hashlib.sha256).hexdigest()
