"""Options of Galera's provider (galeracluster.com: Galera parameters) that the stack has no setting for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings.kinds.galera.model import Galera
from settings.parts.server_options import unfit_value
from settings.problem import Problem, quote
from settings.rules.registry import rule
from settings.stack import Stack

#: Options that the stack sets, and the key that changes each (empty: none).
OWNED = {
    "gcache.size": "{name}.gcache_size_mib",
    "gcache.recover": "",
    "pc.recovery": "",
    "evs.keepalive_period": "timers.keepalive_period",
    "evs.suspect_timeout": "timers.suspect_timeout",
    "evs.inactive_check_period": "timers.inactive_check_period",
    "evs.inactive_timeout": "timers.inactive_timeout",
    "evs.install_timeout": "timers.install_timeout",
    "evs.join_retrans_period": "timers.join_retrans_period",
    "gcs.fc_single_primary": "{name}.routing",
}
#: Options that make a Primary component of a minority, or undo what the firewall opens.
_REFUSED = {
    "pc.bootstrap": "a node that is told to be Primary at each start splits the cluster",
    "pc.ignore_sb": "both halves of a broken network would take writes",
    "pc.ignore_quorum": "both halves of a broken network would take writes",
    "gmcast.listen_addr": "the other nodes could not reach it through the firewall",
    "base_port": "the other nodes could not reach it through the firewall",
    "base_dir": "the position of the node's data would be looked for where it is not",
    "base_host": "the other nodes could not reach it",
    "ist.recv_addr": "the other nodes could not reach it through the firewall",
}
_NAME = re.compile(r"[a-z_]+(\.[A-Za-z0-9_]+)*")


@rule(each=Galera)
def wsrep_provider_options(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Each is an option that nothing else in the stack sets, and that splits nothing."""
    for option, value in galera.wsrep_provider_options.items():
        key = f"{name}.wsrep_provider_options.{option}"
        if not _NAME.fullmatch(option):
            yield Problem(
                key,
                f"{quote(option)} is no name of an option",
                "the provider would refuse the whole line, and the node would not start",
                "write it as in galeracluster.com, Galera parameters: gcs.fc_limit",
            )
        elif option in OWNED:
            setting = OWNED[option].format(name=name)
            yield Problem(
                key,
                f"the stack sets {option} itself",
                "the last one in the line would win, and the promises rest on the stack's own",
                f"use {setting}" if setting else "take it away: no setting changes it",
            )
        elif option in _REFUSED:
            yield Problem(key, f"{option} is not for a configuration that stays", _REFUSED[option], "take it away")
        yield from unfit_value(key, value, forbidden=';"\\=')
