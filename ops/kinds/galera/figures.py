"""The wsrep figures worth looking at, in five groups (galeracluster.com, Monitoring a Galera Cluster)."""

from __future__ import annotations

from ops.kinds.galera.wsrep import Wsrep

GROUPS: dict[str, tuple[str, ...]] = {
    "cluster integrity": ("cluster_state_uuid", "cluster_conf_id", "cluster_size", "cluster_status"),
    "node status": ("ready", "connected", "local_state_comment"),
    "replication health": ("flow_control_paused", "cert_deps_distance", "flow_control_sent", "local_recv_queue_avg"),
    "slow network": ("local_send_queue_avg",),
    "conflicts": ("local_cert_failures", "local_bf_aborts"),
}


def short(value: str) -> str:
    """A figure for a narrow column: fractions to three digits, a UUID to its first part."""
    if value.count("-") == 4 and len(value) == 36:
        return value[:8] + "…"
    try:
        return value if "." not in value else f"{float(value):.3g}"
    except ValueError:
        return value


def grouped(wsrep: Wsrep) -> dict[str, dict[str, str]]:
    """The figures of one node by group, whole, for `--json`."""
    return {group: {f"wsrep_{name}": wsrep.text(name) for name in names} for group, names in GROUPS.items()}
