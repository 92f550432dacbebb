"""VRRP: who holds a VIP (RFC 5798; keepalived.conf(5), vrrp_instance)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings.encrypted import ENCRYPTED
from settings.parts.vrrp import VrrpSection
from settings.problem import Problem, quote
from settings.rules.contact import EMAIL, is_host
from settings.rules.registry import rule
from settings.rules.timers import key_of
from settings.stack import Stack

_AUTH_PASS = re.compile(r"[A-Za-z0-9._@%+=:,/-]+")


@rule(each=VrrpSection)
def distinct_priorities(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """Two hosts with one priority argue for the VIP."""
    seen: dict[int, str] = {}
    for host, member in section.holders().items():
        if member.priority in seen:
            yield Problem(
                f"{name}.members.{host}.priority",
                f"{member.priority} is also the priority of {seen[member.priority]}",
                "nobody could say which host holds the VIP, and both may claim it at start",
                "give each member a priority of its own, such as 100 and 99",
            )
        seen.setdefault(member.priority, host)


@rule(each=VrrpSection)
def router_ids(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """Each member signs its logs and e-mails with a name of its own."""
    seen: dict[str, str] = {}
    for host, member in section.holders().items():
        router_id = member.router_id or host
        if router_id in seen:
            yield Problem(
                f"{name}.members.{host}.router_id",
                f"{quote(router_id)} is also the router id of {seen[router_id]}",
                "logs and e-mails would not say which host speaks",
                "write another, or leave it out to use the host's name",
            )
        seen.setdefault(router_id, host)


@rule("components")
def distinct_groups(stack: Stack) -> Iterator[Problem]:
    """Two VIPs on one link have a group number each."""
    seen: dict[int, str] = {}
    for name, section in stack.each(VrrpSection):
        if not section.holds_vip:
            continue
        number = section.virtual_router_id
        if number in seen:
            yield Problem(
                f"{name}.virtual_router_id",
                f"{number} is also {seen[number]}.virtual_router_id",
                "both groups are on one link and would take each other's adverts for their own",
                "give each a number of its own, from 1 to 255",
            )
        seen.setdefault(number, name)


@rule(each=VrrpSection)
def only_with_a_vip(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """Nothing moves where there is no VIP."""
    if section.holds_vip:
        return
    for key in section.only_with_vip:
        if key in section.model_fields_set:
            yield Problem(
                f"{name}.{key}",
                f"is given, but there is no {name}.vip",
                "nothing would come of it: behind directors these hold the VIP, and routing decides who takes writes",
                f"remove it, or give a VIP with {name}.vip",
            )


@rule(each=VrrpSection)
def preemption(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """A delay of something that never happens."""
    if not section.preempt and "preempt_delay" in section.model_fields_set and section.preempt_delay:
        yield Problem(
            f"{name}.preempt_delay",
            f"{section.preempt_delay} is given, but {name}.preempt is false",
            "the member of higher priority never takes the VIP back, so the delay means nothing",
            "remove it, or set preempt to true",
        )


@rule(each=VrrpSection)
def authentication(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """VRRP 3 has none; version 2's is eight characters."""
    if section.authentication is None:
        return
    if section.vrrp_version == 3:
        yield Problem(
            f"{name}.authentication",
            "VRRP version 3 has no authentication",
            "keepalived rejects the configuration",
            "remove it (the firewall admits VRRP from the peers only), or set vrrp_version to 2",
        )
    secret = section.authentication.auth_pass
    text = secret.get_secret_value() if secret else ""
    if secret is None or text == ENCRYPTED:
        return
    key = f"{name}.authentication.auth_pass"
    if len(text) > 8:
        yield Problem(
            key,
            f"has {len(text)} characters",
            "keepalived cuts it to 8, so the rest protects nothing",
            "write 8 characters, or leave it out to have it derived",
        )
    elif not _AUTH_PASS.fullmatch(text):
        yield Problem(
            key,
            "is empty, or holds characters that mean something in keepalived.conf (spaces, quotes, #, !, braces)",
            "keepalived would read another password",
            "write letters, digits and . _ - only, or leave it out to have it derived",
        )


@rule("timers", each=VrrpSection)
def whole_seconds(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """VRRP 2 counts in seconds."""
    value = stack.timers.vrrp.advert_int
    if section.vrrp_version == 2 and value != round(value):
        yield Problem(
            key_of(stack, "advert_int"),
            f"advert_int {value:g} s is no whole number, and {name}.vrrp_version is 2",
            "version 2 sends whole seconds: keepalived would round it, and hosts that round differently fight for "
            "the VIP",
            "write advert_int 1 or more whole seconds (or profile classic), or set vrrp_version to 3",
        )


@rule("timers")
def advert_steps(stack: Stack) -> Iterator[Problem]:
    """VRRP 3 counts in hundredths of a second."""
    value = stack.timers.advert_int
    if value is not None and abs(value * 100 - round(value * 100)) > 1e-6:
        yield Problem(
            "timers.advert_int",
            f"{value:g} s is no multiple of 0.01 s",
            "VRRP sends hundredths of a second: keepalived would round it",
            f"write {max(round(value, 2), 0.01):g}",
        )


@rule(each=VrrpSection)
def email(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """Addresses and relay of keepalived's e-mail."""
    notification = section.notification
    if not notification:
        return
    key = f"{name}.notification"
    addresses = [
        (f"{key}.notification_email[{index}]", text) for index, text in enumerate(notification.notification_email)
    ]
    for where, text in (*addresses, (f"{key}.notification_email_from", notification.notification_email_from)):
        match = EMAIL.fullmatch(text)
        if not (match and is_host(match[1])):
            yield Problem(
                where,
                f"{quote(text)} is no e-mail address",
                "keepalived's reports of a failover would reach nobody",
                "write name@domain",
            )
    words = notification.smtp_server.split()
    port_ok = len(words) < 2 or (words[1].isascii() and words[1].isdigit() and 1 <= int(words[1][:6]) <= 65535)
    if not words or len(words) > 2 or not is_host(words[0]) or not port_ok:
        yield Problem(
            f"{key}.smtp_server",
            f"{quote(notification.smtp_server)} is no address with an optional port",
            "keepalived could not send its reports",
            "write it such as 127.0.0.1, or mail.example.org 587",
        )
