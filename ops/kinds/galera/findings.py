"""What is wrong with a Galera cluster: five groups of figures, with thresholds from Galera's documentation and the
field."""

from __future__ import annotations

from collections.abc import Mapping

from ops.kinds.galera.held_up import long_changes, not_synced
from ops.kinds.galera.wsrep import Wsrep
from ops.roles.agent import Agent, agent_finding
from ops.status.finding import Finding

PAUSED = 0.2  # share of time that replication stood still for flow control
QUEUE_WARN, QUEUE_SUSTAINED = 0.5, 1.0  # write sets waiting, on average
CONFLICTS = 0.01  # share of commits
CONFLICTS_COUNT = 10  # fewer than this are noise
NS = 1e9  # flow_control_paused_ns counts nanoseconds


def _membership(host: str, w: Wsrep, *, expected: int) -> list[Finding]:
    found = []
    status, size = w.text("cluster_status"), w.data_nodes()
    if status != "Primary":
        found.append(
            Finding(
                host=host,
                what=f"wsrep_cluster_status is {status or 'unknown'}, not Primary",
                follows="the node refuses reads and writes: it is cut off from the majority, or there is none",
                todo="mend the network between the nodes; if all nodes say so, recover the cluster from the node"
                " that is furthest on",
            )
        )
    elif size < expected:
        found.append(
            Finding(
                host=host,
                what=f"wsrep_cluster_size is {size}, expected {expected}"
                if not w.arbitrators()
                else f"it sees {size} of {expected} nodes with data, and the arbitrator",
                follows="the loss of one more node may stop all writes",
                todo="start MariaDB on the missing nodes",
            )
        )
    for name in ("ready", "connected"):
        if w.text(name) != "ON":
            found.append(
                Finding(
                    host=host,
                    what=f"wsrep_{name} is {w.text(name) or 'unknown'}",
                    follows="the node takes no statements",
                    todo="journalctl -u mariadb on that host",
                )
            )
    return found + not_synced(host, w)


def _switches(host: str, w: Wsrep) -> list[Finding]:
    found = []
    if w.variables.get("read_only", "OFF") != "OFF":
        found.append(
            Finding(
                host=host,
                what="read_only is ON",
                follows="writes sent here are refused",
                todo="SET GLOBAL read_only=OFF once you know who set it",
            )
        )
    rejected = w.variables.get("wsrep_reject_queries", "NONE")
    if rejected != "NONE":
        found.append(
            Finding(
                host=host,
                what=f"wsrep_reject_queries is {rejected}",
                follows="the node refuses its clients",
                todo="SET GLOBAL wsrep_reject_queries=NONE once you know who set it",
            )
        )
    return found


def _replication(host: str, w: Wsrep) -> list[Finding]:
    found = []
    span = w.number("flow_control_paused_ns") - w.number("flow_control_paused_ns", first=True)
    now, average = span / NS / w.span, w.number("flow_control_paused")
    slow = (
        "find the slowest node (the longest receive queue) and what its disk or CPU is busy with; more"
        " wsrep_slave_threads may help"
    )
    if now >= PAUSED:
        found.append(
            Finding(
                host=host,
                what=f"replication is paused by flow control {min(now, 1):.0%} of the time now",
                follows="all writes of the cluster are slow",
                todo=slow,
            )
        )
    elif average >= PAUSED:
        what, follows = (
            f"wsrep_flow_control_paused is {average:.2f} since the start (limit {PAUSED})",
            "writes of the cluster were slow",
        )
        found.append(Finding(host=host, what=what, follows=follows, todo=slow, severity="warning"))
    queue, waiting = (
        w.number("local_recv_queue_avg"),
        min(w.number("local_recv_queue"), w.number("local_recv_queue", first=True)),
    )
    if queue > QUEUE_SUSTAINED and waiting > QUEUE_SUSTAINED:
        what = f"wsrep_local_recv_queue_avg is {queue:.2f} and {waiting:.0f} write sets wait now"
        found.append(
            Finding(host=host, what=what, follows="the node lags behind and will pause the cluster", todo=slow)
        )
    elif queue > QUEUE_WARN:
        what = f"wsrep_local_recv_queue_avg is {queue:.2f} since the start (limit {QUEUE_WARN})"
        found.append(
            Finding(
                host=host,
                what=what,
                follows="the node lagged behind, as it does after a join",
                todo=slow,
                severity="warning",
            )
        )
    sending = w.number("local_send_queue_avg")
    if sending > QUEUE_WARN:
        found.append(
            Finding(
                host=host,
                what=f"wsrep_local_send_queue_avg is {sending:.2f} (limit {QUEUE_WARN})",
                follows="the network, or the time to send on it, is the bottleneck",
                todo="look at the link between the nodes: losses, bandwidth, latency",
                severity="warning",
            )
        )
    conflicts, commits = w.number("local_cert_failures") + w.number("local_bf_aborts"), w.number("local_commits")
    if conflicts >= CONFLICTS_COUNT and conflicts > CONFLICTS * (commits + conflicts):
        found.append(
            Finding(
                host=host,
                what=f"{conflicts:.0f} conflicts (cert_failures + bf_aborts) in {commits + conflicts:.0f} transactions",
                follows="clients on different nodes change the same rows and get deadlock errors",
                todo="route writes to one node (galera.routing: single-writer), or keep hot rows apart",
                severity="warning",
            )
        )
    return found


def node_findings(
    host: str, wsrep: Wsrep, agent: Agent | None, *, size: int, serves: bool, draining: bool = False
) -> list[Finding]:
    """Findings about one node whose MariaDB runs. `size`: of the whole cluster; `serves`: clients are sent to it; that
    it is `draining` is told elsewhere."""
    if wsrep.slow:
        late = Finding(
            host=host,
            what=f"MariaDB is slow to give its figures ({wsrep.error})",
            follows="its state is unknown; the host is busy, or the server hangs",
            todo="ask again; if it stays, see what keeps the host busy, and journalctl -u mariadb there",
            severity="unknown",
        )
        return [late, *([agent_finding(host, agent, serves=serves)] if agent and agent.status != 200 else [])]
    if wsrep.error:
        return [
            Finding(
                host=host,
                what=f"MariaDB gives no figures ({wsrep.error})",
                follows="its state is unknown and clients may hang on it",
                todo="sudo mariadb on that host, and journalctl -u mariadb",
            )
        ]
    found = [
        *_membership(host, wsrep, expected=size),
        *_switches(host, wsrep),
        *long_changes(host, wsrep),
        *_replication(host, wsrep),
    ]
    if agent and agent.status != 200 and not found and not (agent.drains and draining):
        found.append(agent_finding(host, agent, serves=serves))
    return found


def cluster_findings(nodes: Mapping[str, Wsrep]) -> list[Finding]:
    """Findings that only show when nodes are put side by side."""
    answered = {host: w for host, w in nodes.items() if not w.error}
    found = []
    for name, follows in (
        (
            "cluster_state_uuid",
            "they are different clusters with data of their own: what is written to one is not in the other",
        ),
        (
            "cluster_conf_id",
            "they do not see the same members: the cluster is split, or was changing while it was asked",
        ),
    ):
        values: dict[str, list[str]] = {}
        for host, w in answered.items():
            values.setdefault(w.text(name), []).append(host)
        if len(values) > 1:
            told = ", ".join(f"{'+'.join(hosts)} {value or 'unknown'}" for value, hosts in values.items())
            found.append(
                Finding(
                    host="stack",
                    what=f"wsrep_{name} differs ({told})",
                    follows=follows,
                    todo="ask again; if it stays, take clients off the smaller part before anything else",
                )
            )
    return found


def arbitrator_findings(host: str, unit: str, nodes: Mapping[str, Wsrep]) -> list[Finding]:
    """An arbitrator that nobody counts. `unit`: what systemd says of it, empty where its host was not reached; `nodes`:
    those whose MariaDB runs."""
    primary = {name: w for name, w in nodes.items() if not w.error and w.text("cluster_status") == "Primary"}
    if not primary or any(w.arbitrators() for w in primary.values()):
        return []
    state = {"active": "runs, but is no member", "": "is out of sight"}.get(unit, f"is {unit}")
    return [
        Finding(
            host=host,
            what=f"the arbitrator {state}: no node counts its vote",
            follows="the nodes serve, but the loss of one of them would stop all writes until it is back"
            if len(nodes) % 2 == 0
            else "the survivor serves alone, and has nobody to agree with",
            todo="systemctl start mariadb-ha-arbitrator there, and journalctl -u mariadb-ha-arbitrator for what it"
            " waits for (port 4567 between it and the nodes)",
        )
    ]
