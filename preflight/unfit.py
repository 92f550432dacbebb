"""All rules over all hosts that were reached. Pure: facts, settings and plan in, problems out."""

from __future__ import annotations

from collections.abc import Mapping

from plan.context import Context
from plan.model import Plan
from preflight.candidate import Candidate
from preflight.facts import Facts
from preflight.rules import addresses, data, firewall, names, room, services, system
from settings.problem import Problem

#: Whose host it is comes first: with another stack's host the rest may follow from that.
RULES = (*data.RULES, *system.RULES, *room.RULES, *names.RULES, *addresses.RULES, *services.RULES, *firewall.RULES)


def unfit(context: Context, plan: Plan, facts: Mapping[str, Facts]) -> dict[str, list[Problem]]:
    """Problems by host; a host without any has an empty list.

    `facts`: the hosts that were reached, in the order of the settings.
    """
    return {
        host: [
            problem
            for rule in RULES
            for problem in rule(Candidate(context=context, plan=plan, host=host, all_facts=facts))
        ]
        for host in facts
    }
