"""This host's own promoter, asked over its port."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any


def promoter_state(port: int) -> dict[str, Any]:
    """What /state says; empty when the promoter does not answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/state")
        found = json.loads(connection.getresponse().read())
    except (OSError, ValueError, HTTPException):
        return {}
    finally:
        connection.close()
    return found if isinstance(found, dict) and "vip" in found else {}
