"""How a server asks another for a copy of its data, and what is answered: the one file that both sides read.

The giver sends a line `NONCE`; the taker answers `HMAC WHOM`, where HMAC is HMAC-SHA256 of the nonce under the
password, in hexadecimal, and WHOM is `standby` (give only where the giver takes no writes) or `any`. Then comes a line
`OK`, and mariadb-backup's stream until the connection ends; or a line `NO: ` with the reason.
"""

from __future__ import annotations

import hashlib
import hmac

STANDBY, ANY = "standby", "any"
#: Longest line (bytes), and seconds for each.
LINE, PATIENCE = 512, 20.0


def answer(password: str, nonce: str) -> str:
    """What proves that the password is known."""
    return hmac.new(password.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def proven(password: str, nonce: str, given: str) -> bool:
    return hmac.compare_digest(answer(password, nonce), given)
