"""What the configured timers promise: for each fault the longest time that a client waits for its next acknowledged write.

Seconds. Formulas: RFC 5798 section 6.1 (VRRP), keepalived's checker (retry and its pauses), Galera's EVS; the field measured
2.8 s for a killed node where these give 2.8 s. A client must notice the fault itself: its own timeouts come on top.
"""

from __future__ import annotations

from plan.context import Context

#: Seconds until the health agent has seen that MariaDB is gone: its connection breaks (cloudinit/programs/health_look.py).
AGENT_DELAY = 0.3
FAULTS = ("director-stop", "director-kill", "realserver-stop", "realserver-kill")


def skew(context: Context) -> float:
    """Time by which the next director lags behind: (256 - priority)/256 of an advert (of a second under version 2)."""
    section = context.settings.directors
    if section is None or len(context.directors) < 2:
        return 0.0
    backup = section.members[context.directors[1]].priority
    unit = context.settings.timers.values().advert_int if section.vrrp_version == 3 else 1.0
    return (256 - backup) / 256 * unit


def ejection(context: Context, *, refused: bool) -> float:
    """Time until LVS forwards nothing more to a dead real server: at once refused, or silent."""
    timers = context.settings.timers.values()
    pauses = timers.retry * timers.delay_before_retry
    patience = 0.0 if refused else (timers.retry + 1) * timers.connect_timeout
    return timers.delay_loop + patience + pauses


def eviction(context: Context) -> float:
    """Time for which Galera stalls all writes after a node fell silent."""
    timers = context.settings.timers.values()
    return timers.suspect_timeout + timers.inactive_check_period + timers.join_retrans_period


def promised_write_gap(context: Context) -> dict[str, float]:
    """The promise per fault, rounded to hundredths of a second."""
    timers = context.settings.timers.values()
    directors = context.settings.directors
    agent = AGENT_DELAY if directors and directors.virtual_server.check == "galera" else 0.0
    gaps = {
        "director-stop": skew(context),
        "director-kill": 3 * timers.advert_int + skew(context),
        "realserver-stop": ejection(context, refused=True) + agent,
        "realserver-kill": max(eviction(context), ejection(context, refused=False)),
    }
    # A director that is left alone has nobody to take over.
    alone = len(context.directors) == 1
    return {fault: round(gaps[fault], 2) for fault in FAULTS if not (alone and fault.startswith("director"))}
