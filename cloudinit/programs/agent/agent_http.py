"""The health agent over HTTP: what its answers mean, where it listens, and how it is asked."""

from __future__ import annotations

import socket
import time

from mha_common import Failure, read_env

#: Status of an answer: takes clients; keeps the sessions it has and wants no new ones; send nothing.
SERVE, KEEP, REFUSE = 200, 404, 503
AGENT_ENV = "/etc/mariadb-ha/agent.env"


def agent_port() -> int:
    """AGENT_PORT of /etc/mariadb-ha/agent.env. Raises Failure when it is missing or no number."""
    try:
        return int(read_env(AGENT_ENV)["AGENT_PORT"])
    except (KeyError, ValueError) as error:
        raise Failure(f"{AGENT_ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None


def late_hold() -> float:
    """LATE_HOLD of /etc/mariadb-ha/agent.env (s); 0 where it is not given. Raises Failure when it is no number."""
    text = read_env(AGENT_ENV).get("LATE_HOLD", "0")
    try:
        return float(text)
    except ValueError:
        raise Failure(f"{AGENT_ENV}: LATE_HOLD {text} is no number", todo="deliver it again: pulumi up") from None


def http_get(address: str, port: int, path: str, *, timeout: float) -> tuple[int, str]:
    """Status and body of a small GET; the whole exchange takes at most `timeout` (s). Raises OSError or ValueError."""
    end = time.monotonic() + timeout
    with socket.create_connection((address, port), timeout=timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer did not end in time")
            connection.settimeout(left)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(None, 2)[1]), body.decode(errors="replace")


def own_answer(port: int, *, timeout: float = 3.0) -> tuple[int, str]:
    """This host's agent: HTTP status (0: no answer) and words."""
    try:
        status, words = http_get("127.0.0.1", port, "/", timeout=timeout)
    except (OSError, ValueError, IndexError) as error:
        return 0, f"the health agent does not answer ({error})"
    return status, words.strip()
