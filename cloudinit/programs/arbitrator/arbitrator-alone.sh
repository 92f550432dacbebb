#!/bin/sh
# An arbitrator that is a Primary component of its own: all nodes have left in order, and the nodes form one without it.
# Two Primary components that meet abort a member, the one with data too. So it leaves, and asks to be let in anew.
#   arbitrator-alone.sh            starts the arbitrator anew, where its last view (gvwstate.dat) is itself alone
#   arbitrator-alone.sh --forget   forgets such a view, before the arbitrator starts
set -eu
FILE=${MHA_ROOT:-}/var/lib/mariadb-ha/arbitrator/gvwstate.dat

members() { # of the last view; 0 where none is remembered
    [ -e "$FILE" ] || {
        echo 0
        return
    }
    grep -c '^member:' "$FILE" || :
}

case ${1-} in
'' | --forget) ;;
*)
    echo "usage: arbitrator-alone.sh [--forget]" >&2
    exit 2
    ;;
esac
[ "$(members)" -eq 1 ] || exit 0
if [ "${1-}" = --forget ]; then
    rm -f -- "$FILE"
    echo "arbitrator-alone.sh: the view of the arbitrator alone is forgotten"
else
    echo "arbitrator-alone.sh: no node is left in the arbitrator's view: it is started anew and waits for one"
    systemctl restart mariadb-ha-arbitrator.service
fi
