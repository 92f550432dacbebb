"""Hosts that the stack did not make: machines that were there before it and stay after it."""

from __future__ import annotations

from pydantic import Field

from settings.base import Settings


class BareMetal(Settings):
    """How hosts with `provisioner: bare-metal` are taken over and given back.

    Only SSH to a Debian 12 host is assumed.
    """

    trust_on_first_use: bool = Field(
        default=False,
        description=(
            "A host without `ssh_host_key` is believed at the first connection, and held to the key that it showed "
            "from then on. False: its key must be in the settings."
        ),
    )
    purge_data: bool = Field(
        default=False,
        description=(
            "`pulumi destroy`, and the removal of a host from the settings, empty the data directory too. False: it "
            "is kept, and where it is, is said."
        ),
    )
    adopt_retained_data: bool = Field(
        default=False,
        description=(
            "Take data directories that an earlier stack of this name left behind, with their data. False: refuse "
            "and say so."
        ),
    )
