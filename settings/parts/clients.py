"""Where clients of a component come from."""

from __future__ import annotations

from pydantic import Field

from settings.section import Section

#: Everywhere.
WORLD = "0.0.0.0/0"


class ClientSection(Section):
    """Settings of a component that has ports for clients."""

    client_cidrs: tuple[str, ...] = Field(
        default=(WORLD,),
        description="Networks from which the firewall admits clients, at the VIP or, where there is none, at the hosts'"
        " own addresses; the stack's hosts among themselves are admitted as they need it. Where another component"
        " stands before this one, its own `client_cidrs` say it. Applications, and the machine on which `make up` and"
        " `hactl` run, must be within. An `up` that narrows it cuts no established session.",
    )

    @property
    def open_to_all(self) -> bool:
        """True where clients may come from anywhere."""
        return WORLD in self.client_cidrs
