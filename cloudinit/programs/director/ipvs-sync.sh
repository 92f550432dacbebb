#!/bin/sh
# The kernel's connection synchronisation of a director: ipvs-sync.sh start|stop|status
# Both sync daemons (ipvsadm(8), --start-daemon) always run: one sends this director's connections, one takes the
# other's. keepalived can start and stop them at its transitions (lvs_sync_daemon), and hangs when it stops one that
# has not run yet: the kernel then answers nothing (docs/decisions/0011-sync-daemons-beside-keepalived.md).
# Exit codes: 0 as the settings say, 3 it is not (`status`), 1 failed, 2 usage.
set -eu

ROOT=${MHA_ROOT:-}
CONF=$ROOT/etc/mariadb-ha/ipvs-sync.env
WAIT=10 # seconds for an answer of the kernel

die() { # words, what to do
    echo "ipvs-sync.sh: $1. To do: $2" >&2
    exit 1
}

usage() {
    echo "usage: ipvs-sync.sh start|stop|status" >&2
    exit 2
}

shown() { # master|backup: the daemon's line, if it runs
    ipvsadm --list --daemon | grep "^$1 sync daemon" || true
}

ours() { # master|backup: does it run, with our interface and id?
    case $(shown "$1") in *"(mcast=$INTERFACE, syncid=$SYNC_ID"[,\)]*) ;; *) return 1 ;; esac
}

end() { # master|backup
    [ "$(shown "$1")" ] || return 0
    # The answer may stay away, as above: what counts is whether it runs.
    timeout "$WAIT" ipvsadm --stop-daemon "$1" || true
    [ -z "$(shown "$1")" ] || die "the $1 sync daemon does not stop" "ipvsadm --list --daemon, and dmesg"
    echo "ipvs-sync.sh: $1 sync daemon stopped"
}

start() {
    if status >/dev/null; then
        echo "ipvs-sync.sh: nothing to do: $(status)"
        return 0
    fi
    for state in master backup; do
        if [ "$LVS_SYNC_DAEMON" = yes ] && ours "$state"; then continue; fi
        end "$state"
        [ "$LVS_SYNC_DAEMON" = yes ] || continue
        timeout "$WAIT" ipvsadm --start-daemon "$state" --mcast-interface "$INTERFACE" --syncid "$SYNC_ID" ||
            die "the $state sync daemon does not start on $INTERFACE" \
                "see that $INTERFACE is there and up, and that ip_vs is loaded"
        echo "ipvs-sync.sh: $state sync daemon started on $INTERFACE, syncid $SYNC_ID"
    done
}

stop() {
    for state in master backup; do end "$state"; done
}

status() {
    code=0
    words="no sync daemon runs"
    [ "$LVS_SYNC_DAEMON" = no ] || words="both sync daemons run"
    for state in master backup; do
        if [ "$LVS_SYNC_DAEMON" = yes ]; then
            ours "$state" || { words="the $state sync daemon does not run as it should" && code=3; }
        elif [ "$(shown "$state")" ]; then
            words="the $state sync daemon runs" && code=3
        fi
    done
    echo "$words"
    return "$code"
}

[ $# -eq 1 ] || usage
case $1 in start | stop | status) ;; *) usage ;; esac
[ -r "$CONF" ] || die "/etc/mariadb-ha/ipvs-sync.env cannot be read" "deliver it with pulumi up"
LVS_SYNC_DAEMON='' INTERFACE='' SYNC_ID=''
# shellcheck source=/dev/null
. "$CONF"
for value in "$LVS_SYNC_DAEMON" "$INTERFACE" "$SYNC_ID"; do
    [ "$value" ] || die "/etc/mariadb-ha/ipvs-sync.env is incomplete" "deliver it again with pulumi up"
done
"$1"
