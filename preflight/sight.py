"""What a rule sees: one host's facts, those of the other hosts that were reached, and what the settings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plan.context import Context
from preflight.facts import Facts
from settings.problem import Problem


def title(context: Context, host: str) -> str:
    """A host as messages name it: `mdb2 (172.16.21.181)`."""
    return f"{host} ({context.address(host)})"


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One host among the stack's bare-metal hosts. `all_facts` holds those that were reached, this one too, in the order of the settings."""

    context: Context
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
    def director(self) -> bool:
        """True when the host is to be a director."""
        return self.host in self.context.directors

    @property
    def galera(self) -> bool:
        """True when the host is to be a Galera node."""
        return self.host in self.context.galera_nodes

    def problem(self, wrong: str, follows: str, instead: str) -> Problem:
        """A problem of this host: what is wrong, what follows, what to do."""
        return Problem(title(self.context, self.host), wrong, follows, instead)
