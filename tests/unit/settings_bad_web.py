"""Bad configurations of a web pair: as in `settings_bad`. The pair stands beside the cluster of GOOD."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from plan.parts.certificate import pem, self_signed
from tests.unit.settings_config import GONE

Case = tuple[dict[str, Any], str, tuple[str, ...]]

VIP = "172.16.21.60"
HOSTS: dict[str, Any] = {"hosts.web1": {"address": "172.16.21.61"}, "hosts.web2": {"address": "172.16.21.62"}}


def key(number: int) -> ec.EllipticCurvePrivateKey:
    """A key, another one for each number. Not a secret of anything that lives."""
    return ec.derive_private_key(number, ec.SECP256R1())


def expired() -> str:
    """A certificate of yesterday's, with the key number 1."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old.example.org")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key(1).public_key(), 1, now - timedelta(9), now - timedelta(1))
    return builder.sign(key(1), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


GOOD_PEM = self_signed(key(1), title="www", addresses=(VIP,), names=("www.example.org",))


def web(**changes: Any) -> dict[str, Any]:
    """A web pair with keys of its section changed."""
    section = {"vip": VIP, "virtual_router_id": 71, "members": {"web1": {}, "web2": {}}, **changes}
    return {**HOSTS, "web": {name: value for name, value in section.items() if value is not GONE}}


_OWN = "web.members"

WEB: dict[str, Case] = {
    "no VIP": (web(vip=GONE), "web.vip", ("missing",)),
    "VIP of a host": (web(vip="172.16.21.61"), "web.vip", ("172.16.21.61",)),
    "VIP of the directors": (web(vip="172.16.21.188"), "web.vip", ("directors.vip",)),
    "VIP outside": (web(vip="10.0.0.1"), "web.vip", ("outside",)),
    "group of the directors": (web(virtual_router_id=51), "web.virtual_router_id", ("51", "directors")),
    "one host": (web(members={"web1": {}}), _OWN, ("2",)),
    "three hosts": (web(members={"web1": {}, "web2": {}, "mdb1": {}}), _OWN, ("2",)),
    "unknown host": (web(members={"web1": {}, "web3": {}}), f"{_OWN}.web3", ("web3",)),
    "on a director": (
        web(members={"ha1": {}, "web2": {}}), f"{_OWN}.ha1",
        ("directors.members.ha1", "both hold a VIP", "hosts of their own")),
    "same priorities": (
        web(members={"web1": {"priority": 90}, "web2": {}}), f"{_OWN}.web2.priority", ("90", "web1", "own")),
    "priority of an owner": (web(members={"web1": {"priority": 255}, "web2": {}}), f"{_OWN}.web1.priority", ("254",)),
    "page and upstream": (
        web(page="<p>x</p>", upstream=["172.16.21.70:80"]), "web.upstream", ("beside web.page", "Keep one")),
    "page and file": (web(page="<p>x</p>", page_file="README.md"), "web.page_file", ("beside web.page",)),
    "page file that is not there": (web(page_file="no/such.html"), "web.page_file", ("cannot be read", "relative")),
    "page file that is a folder": (web(page_file="docs"), "web.page_file", ("cannot be read",)),
    "upstream without a port": (web(upstream=["172.16.21.70"]), "web.upstream[0]", ("HOST:PORT", "app1:8080")),
    "upstream with a path": (web(upstream=["http://app/"]), "web.upstream[0]", ("HOST:PORT",)),
    "upstream beyond ports": (web(upstream=["172.16.21.70:70000"]), "web.upstream[0]", ("HOST:PORT",)),
    "upstream by a name of others": (
        web(upstream=["app.example.org:80"]), "web.upstream[0]", ("neither", "extra_hosts", "at its start")),
    "upstream twice": (web(upstream=["mdb1:8080", "mdb1:8080"]), "web.upstream[1]", ("twice",)),
    "upstream is the pair": (web(upstream=["web2:80"]), "web.upstream[0]", ("the web pair itself",)),
    "upstream is the VIP": (web(upstream=[f"{VIP}:80"]), "web.upstream[0]", ("the web pair itself",)),
    "check without a pause": (web(check_interval=0), "web.check_interval", ("1",)),
    "check once a day": (web(check_interval=86400), "web.check_interval", ("60",)),
    "port of the agent": (web(port=9200), "web.agent_port", ("9200", "nginx")),
    "port of sshd": (web(port=22), "web.port", ("22", "sshd")),
    "HTTPS at HTTP's port": (web(tls={"port": 80}), "web.tls.port", ("80", "nginx")),
    "certificate without key": (web(tls={"certificate": GOOD_PEM}), "web.tls.private_key", ("missing", "both")),
    "key without certificate": (
        web(tls={"private_key": pem(key(1))}), "web.tls.certificate", ("missing", "made for the stack")),
    "no certificate": (
        web(tls={"certificate": "www", "private_key": pem(key(1))}), "web.tls.certificate", ("BEGIN CERTIFICATE",)),
    "no private key": (
        web(tls={"certificate": GOOD_PEM, "private_key": "secret"}), "web.tls.private_key", ("passphrase",)),
    "private key of another": (
        web(tls={"certificate": GOOD_PEM, "private_key": pem(key(2))}), "web.tls.private_key",
        ("not the key of web.tls.certificate",)),
    "expired": (
        web(tls={"certificate": expired(), "private_key": pem(key(1))}), "web.tls.certificate", ("expired",)),
    "names beside a certificate": (
        web(tls={"certificate": GOOD_PEM, "private_key": pem(key(1)), "server_names": ["www.example.org"]}),
        "web.tls.server_names", ("has its names",)),
    "name with a blank": (web(tls={"server_names": ["www example"]}), "web.tls.server_names[0]", ("no host name",)),
    "delay of nothing": (web(preempt=False, preempt_delay=7), "web.preempt_delay", ("never takes the VIP back",)),
    "authentication under version 3": (web(authentication={}), "web.authentication", ("version 3",)),
}  # fmt: skip
