"""What the promoter hears of its own host: addresses that come and go, and that somebody took it out of service."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from drain_flag import read_flag
from facts_host import ipv4

#: rtnetlink(7): messages about IPv4 addresses.
RTMGRP_IPV4_IFADDR = 0x10


def drained() -> str:
    """Why this host was taken out of service: the flag that every role honours; empty where there is none."""
    flag = read_flag()
    return flag.reason if flag and not flag.cut_short else ""


def holds(vips: Sequence[str]) -> bool:
    """Whether this host has all of them."""
    here = {address for _, address in ipv4()}
    return all(vip in here for vip in vips)


def address_events() -> socket.socket:
    """Readable when an IPv4 address comes or goes on this host (rtnetlink(7))."""
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    events.bind((0, RTMGRP_IPV4_IFADDR))
    events.setblocking(False)
    return events
