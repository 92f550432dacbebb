"""Names and addresses of others: mail domains, time servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from settings.problem import Problem, quote
from settings.rules.names import LABEL
from settings.rules.registry import rule
from settings.stack import Stack

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`|~-]{1,64}@([A-Za-z0-9.-]{1,255})")


def is_host(text: str) -> bool:
    """A host name of one or more labels, or an IPv4 address."""
    if re.fullmatch(r"[0-9.]+", text):
        try:
            IPv4Address(text)
        except ValueError:
            return False
        return True
    return len(text) <= 253 and all(LABEL.fullmatch(label) for label in text.rstrip(".").split("."))


def is_ipv6(text: str) -> bool:
    """An IPv6 address."""
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


@rule("network")
def time_servers(stack: Stack) -> Iterator[Problem]:
    """NTP servers by name or address."""
    for index, server in enumerate(stack.network.ntp):
        key, instead = f"network.ntp[{index}]", "write a name such as ntp.example.org, or an IPv4 address"
        if is_ipv6(server):
            yield Problem(
                key, f"{quote(server)} is an IPv6 address; hosts have IPv4 only", "clocks would drift apart", instead
            )
        elif not is_host(server):
            yield Problem(
                key,
                f"{quote(server)} is no host name or address",
                "chrony would ignore it and clocks would drift apart",
                instead,
            )
        elif server in stack.network.ntp[:index]:
            yield Problem(
                key,
                f"{quote(server)} is listed twice",
                "it would look like two independent clocks",
                "name each server once",
            )
