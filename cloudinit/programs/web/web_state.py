"""What a host of a web pair knows of itself: its nginx, its VIP, and what the other host's agent says."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass

from agent_http import http_get
from facts_host import addresses
from mha_common import Failure, read_env

NGINX = "nginx.service"
#: Answered by nginx itself with the host's name.
OWN = "/.mariadb-ha"


@dataclass(frozen=True)
class Config:
    """/etc/mariadb-ha/web.env; `tls_port` 0: no HTTPS."""

    host: str
    port: int
    tls_port: int
    vip: str
    peer: str
    peer_address: str
    takes_back: bool


def load_config() -> Config:
    env = read_env("/etc/mariadb-ha/web.env")
    try:
        return Config(
            host=env["HOST"],
            port=int(env["PORT"]),
            tls_port=int(env["TLS_PORT"] or 0),
            vip=env["VIP"],
            peer=env["PEER"],
            peer_address=env["PEER_ADDRESS"],
            takes_back=env["TAKES_BACK"] == "yes",
        )
    except (KeyError, ValueError) as error:
        raise Failure(f"/etc/mariadb-ha/web.env is incomplete: {error}", todo="deliver it again: pulumi up") from None


def holds_vip(config: Config) -> bool:
    """True when the VIP is on a link of this host: addresses are the truth."""
    return any(config.vip in present for interface, present in addresses().items() if interface != "lo")


def nginx_trouble(config: Config, *, timeout: float) -> str:
    """Why nginx does not answer here, in words; empty when it does. Raises TimeoutError: it takes longer."""
    try:
        status, body = http_get("127.0.0.1", config.port, OWN, timeout=timeout)
    except TimeoutError:
        raise
    except (OSError, ValueError, IndexError) as error:
        return getattr(error, "strerror", None) or str(error)
    if status != 200 or body.strip() != config.host:
        return f"something else answers at port {config.port} (status {status})"
    return ""


def page_status(config: Config, *, timeout: float) -> int:
    """Status of the page as a client gets it, over HTTPS where there is any. Raises OSError, HTTPException."""
    connection: http.client.HTTPConnection
    if config.tls_port:
        unchecked = ssl.create_default_context()  # the certificate speaks for the VIP and its names, not for lo
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", config.tls_port, timeout=timeout, context=unchecked)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", config.port, timeout=timeout)
    try:
        connection.request("GET", "/", headers={"Host": config.vip, "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def peer_holds(config: Config, port: int, *, timeout: float) -> bool | None:
    """Whether the other host has the VIP, by its agent's word over TCP, a way that VRRP does not go. None: it does not
    say.
    """
    if not config.peer_address:
        return None
    try:
        _, body = http_get(config.peer_address, port, "/kept", timeout=timeout)
        said = json.loads(body)["vip"]
    except (OSError, ValueError, IndexError, KeyError, TypeError):
        return None
    return said if isinstance(said, bool) else None
