#!/bin/bash
# keepalived's MISC_CHECK with misc_dynamic: drain-check.sh ADDRESS PORT WEIGHT
# Asks a real server's health agent whether it wants new sessions. The exit code is the weight and 2 more (keepalived.conf(5),
# misc_dynamic): 2 while it drains, else WEIGHT + 2. Never 0, "as configured": a reload of keepalived 2.2.7 makes weight 0 of it.
# Without an answer the last one holds: whether the server lives is HTTP_GET's to say.
set -u

FULL=$(($3 + 2))
MEMORY=${MHA_ROOT:-}/run/mariadb-ha/draining-$1

last() {
    [ ! -e "$MEMORY" ] || exit 2
    exit "$FULL"
}

trap last TERM # misc_timeout is over

{ printf 'GET / HTTP/1.0\r\n\r\n' >&3 && read -r -t 2 -u 3 _ status _ || last; } 2>/dev/null 3<>"/dev/tcp/$1/$2" || last
case $status in
404)
    [ -e "$MEMORY" ] || mkdir -p "${MEMORY%/*}" && : >"$MEMORY"
    exit 2
    ;;
200)
    [ ! -e "$MEMORY" ] || rm -f "$MEMORY"
    exit "$FULL"
    ;;
esac
last
