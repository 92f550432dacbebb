"""A host that the stack would use: what was seen of it and of the other hosts that were reached, and what the stack
needs of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plan.context import Context
from plan.model import Plan
from plan.needs import Needs
from preflight.facts import Facts
from settings.problem import Problem


def title(context: Context, host: str) -> str:
    """A host as messages name it: `mdb2 (172.16.21.181)`."""
    return f"{host} ({context.address(host)})"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One host among the stack's bare-metal hosts.

    `all_facts` holds those that were reached, this one too, in the order of the settings.
    """

    context: Context
    plan: Plan
    host: str
    all_facts: Mapping[str, Facts]

    @property
    def facts(self) -> Facts:
        """What was seen of this host."""
        return self.all_facts[self.host]

    @property
    def ours(self) -> bool:
        """True when this stack was delivered here before: what runs and lies here then is its own."""
        return self.facts.stack is not None and self.facts.stack.get("stack") == self.context.stack

    @property
    def needs(self) -> tuple[Needs, ...]:
        """What the roles need that it is to carry."""
        return self.plan.hosts[self.host].needs

    @property
    def server(self) -> Needs | None:
        """The role that brings a MariaDB server; None on other hosts."""
        return next((needs for needs in self.needs if needs.datadir), None)

    @property
    def keepalived(self) -> bool:
        """True when a role configures keepalived."""
        return any(needs.keepalived for needs in self.needs)

    def problem(self, wrong: str, follows: str, instead: str) -> Problem:
        """A problem of this host: what is wrong, what follows, what to do."""
        return Problem(title(self.context, self.host), wrong, follows, instead)
