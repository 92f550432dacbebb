"""The web pair (nginx.org/en/docs: http core, proxy and ssl modules)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, SecretStr, model_validator

from settings.base import Settings, form
from settings.parts.vrrp import VrrpMember, VrrpSection
from settings.section import AGENT, Once, Port, in_order

#: VRRP priorities of the first and the second member, unless given.
PRIORITIES = (100, 90)
#: What is shown where neither a page nor an upstream is set.
WELCOME = "<!doctype html>\n<title>It works</title>\n<p>This page is served by a web pair.</p>\n"


class Tls(Settings):
    """HTTPS (ngx_http_ssl_module). Without certificate and key one is made for the stack, signed by itself."""

    port: int = Field(default=443, ge=1, le=65535, description="Port of HTTPS.")
    certificate: str | None = Field(
        default=None,
        json_schema_extra=form("PEM text, from -----BEGIN CERTIFICATE----- on"),
        description="The server's certificate, those between it and its root below it.",
    )
    private_key: SecretStr | None = Field(
        default=None,
        description="The certificate's private key, PEM without a passphrase:"
        " `pulumi config set --secret --path 'mariadb-ha:web.tls.private_key' < key.pem`.",
    )
    server_names: tuple[str, ...] = Field(
        default=(), description="Names in the certificate that is made for the stack, beside the VIP."
    )
    redirect: bool = Field(default=True, description="HTTP is answered with a redirect to HTTPS.")


class Web(VrrpSection):
    """nginx on two hosts, one of which holds the VIP: a page or an upstream of the user's own."""

    kind: ClassVar[str] = "web"
    about: ClassVar[str] = "The web pair."
    member: ClassVar[str] = "web host"
    purposes: ClassVar[Mapping[str, bool]] = {**VrrpSection.purposes, "web-tls-key": True}

    members: dict[str, VrrpMember] = Field(
        min_length=2,
        max_length=2,
        description="The two hosts by name, each with its VRRP priority. Not given: 100 for the first, 90 for the"
        " second.",
    )
    port: int = Field(default=80, ge=1, le=65535, description="Port of HTTP.")
    page: str | None = Field(default=None, max_length=1_000_000, description="The page at `/`, as HTML text.")
    page_file: str | None = Field(
        default=None, description="A file with the page instead, relative to the project; at most 1 MB of UTF-8 text."
    )
    upstream: tuple[str, ...] = Field(
        default=(),
        description="Servers that requests are handed to, each as `HOST:PORT` (an address, or a host of the stack);"
        " one that refuses or is silent is passed over.",
    )
    tls: Tls | None = Field(default=None, description="HTTPS. None: HTTP alone.")
    check_interval: float = Field(
        default=3,
        ge=1,
        le=60,
        description="Seconds between two looks at nginx: one that is dead is started again; one that stays dead loses"
        " its host the VIP.",
    )
    preempt_delay: int = Field(
        default=5, ge=0, le=1000, description="Seconds a host that is well again waits before it takes the VIP back."
    )
    agent_port: int = Field(default=9200, ge=1, le=65535, description="HTTP port of the health agent on both hosts.")

    @model_validator(mode="before")
    @classmethod
    def follow_the_order(cls, given: Any) -> Any:
        """The priority of a member that does not say it."""
        return in_order(given, lambda index: {"priority": PRIORITIES[min(index, 1)]})

    @property
    def entry_port(self) -> int:
        """Where clients are meant to come: HTTPS where there is any."""
        return self.tls.port if self.tls else self.port

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The members by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)

    def takes(self) -> dict[str, tuple[Once, ...]]:
        """keepalived, and the agent."""
        return {host: (*taken, AGENT) for host, taken in super().takes().items()}

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """nginx and the agent."""
        found = [
            Port(number=self.port, what="nginx", key=f"{name}.port", usual=80),
            Port(number=self.agent_port, what="the health agent", key=f"{name}.agent_port", usual=9200),
        ]
        if self.tls:
            found.append(Port(number=self.tls.port, what="nginx (HTTPS)", key=f"{name}.tls.port", usual=443))
        return dict.fromkeys(self.members, tuple(found))
