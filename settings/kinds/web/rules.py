"""Web pairs: one thing to show, somewhere to hand requests to, and a certificate that belongs to its key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from settings.encrypted import ENCRYPTED
from settings.kinds.web.model import Tls, Web
from settings.kinds.web.page import LONGEST, page_text
from settings.problem import Problem, quote
from settings.rules.contact import is_host
from settings.rules.registry import rule
from settings.stack import Stack

_SERVER = re.compile(r"([^:/\s]+):([0-9]{1,5})")


@rule(each=Web)
def one_content(stack: Stack, name: str, web: Web) -> Iterator[Problem]:
    """A page, a file or an upstream."""
    given = [key for key in ("page", "page_file", "upstream") if getattr(web, key)]
    if len(given) > 1:
        yield Problem(
            f"{name}.{given[1]}",
            f"is given beside {name}.{given[0]}",
            "nobody could say which of the two clients are shown",
            "keep one of them",
        )


@rule(each=Web)
def readable_page(stack: Stack, name: str, web: Web) -> Iterator[Problem]:
    """The user's file is there, and is text."""
    if web.page_file is None:
        return
    try:
        page_text(web)
    except ValueError as error:
        yield Problem(
            f"{name}.page_file",
            f"{quote(web.page_file)} {error}",
            "there would be no page to deliver",
            f"write the path of an HTML file of at most {LONGEST} bytes, relative to the project",
        )


@rule("hosts", "network", each=Web)
def upstreams(stack: Stack, name: str, web: Web) -> Iterator[Problem]:
    """nginx does not start with an upstream that it cannot resolve."""
    known = {*stack.hosts, *stack.network.extra_hosts}
    seen: set[str] = set()
    for index, text in enumerate(web.upstream):
        key, match = f"{name}.upstream[{index}]", _SERVER.fullmatch(text)
        if not match or not is_host(match[1]) or not 1 <= int(match[2]) <= 65535:
            yield Problem(
                key,
                f"{quote(text)} is no HOST:PORT",
                "nginx would refuse its configuration",
                "write an address or a host of the stack with a port, such as app1:8080",
            )
            continue
        host, port = match[1], int(match[2])
        if not _is_address(host) and host not in known:
            yield Problem(
                key,
                f"{host} is neither an IPv4 address nor a host of the stack",
                "nginx looks names up once, at its start, and does not start where that fails",
                "write its address, or add it to hosts or network.extra_hosts",
            )
        if text in seen:
            yield Problem(
                key, f"{text} is given twice", "it would get twice its share by accident", "remove one of the two"
            )
        seen.add(text)
        address = str(stack.hosts[host].address) if host in stack.hosts else host
        itself = {str(web.vip), *(str(stack.hosts[member].address) for member in web.members if member in stack.hosts)}
        if address in itself and port in (web.port, web.entry_port):
            yield Problem(
                key,
                f"{text} is the web pair itself",
                "a request would be handed round until it fails",
                "name the servers of the application",
            )


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


@rule(each=Web)
def certificate_and_key(stack: Stack, name: str, web: Web) -> Iterator[Problem]:
    """Both or none; readable, of one pair, and in force."""
    tls = web.tls
    if tls is None:
        return
    if (tls.certificate is None) != (tls.private_key is None):
        missing, there = ("private_key", "certificate") if tls.private_key is None else ("certificate", "private_key")
        yield Problem(
            f"{name}.tls.{missing}",
            f"is missing, and {name}.tls.{there} is given",
            "nginx needs both of one pair",
            "give both, or none to have a certificate made for the stack",
        )
    elif tls.certificate is not None and tls.certificate != ENCRYPTED:
        yield from _own_certificate(f"{name}.tls", tls, tls.certificate)
    if tls.certificate is not None and tls.server_names:
        yield Problem(
            f"{name}.tls.server_names",
            f"is given beside {name}.tls.certificate",
            "a certificate that is there already has its names, and these would not come into it",
            "remove it",
        )


@rule(each=Web)
def server_names(stack: Stack, name: str, web: Web) -> Iterator[Problem]:
    """DNS names."""
    for index, text in enumerate(web.tls.server_names if web.tls else ()):
        if not is_host(text):
            yield Problem(
                f"{name}.tls.server_names[{index}]",
                f"{quote(text)} is no host name",
                "no client could ask for it",
                "write a name such as www.example.org",
            )


def _own_certificate(key: str, tls: Tls, text: str) -> Iterator[Problem]:
    try:
        certificate = x509.load_pem_x509_certificates(text.encode())[0]
    except (ValueError, IndexError):
        yield Problem(
            f"{key}.certificate",
            "holds no certificate that can be read",
            "nginx would refuse its configuration",
            "write the PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
        )
        return
    until = certificate.not_valid_after_utc
    if until <= datetime.now(UTC):
        yield Problem(
            f"{key}.certificate",
            f"has expired ({until:%Y-%m-%d})",
            "every client would refuse it",
            "write one that is in force",
        )
    secret = tls.private_key.get_secret_value() if tls.private_key else ENCRYPTED
    if secret == ENCRYPTED:
        return
    try:
        private = load_pem_private_key(secret.encode(), password=None)
    except (ValueError, TypeError):
        yield Problem(
            f"{key}.private_key",
            "holds no private key that can be read without a passphrase",
            "nginx would refuse its configuration",
            "write the PEM text of the key (`openssl pkey -in key.pem` takes a passphrase away)",
        )
        return
    shown = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*shown) != certificate.public_key().public_bytes(*shown):
        yield Problem(
            f"{key}.private_key",
            f"is not the key of {key}.certificate",
            "nginx would refuse the pair",
            "give the certificate and the key that belong together",
        )
