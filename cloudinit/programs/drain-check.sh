#!/bin/bash
# keepalived's MISC_CHECK with misc_dynamic: drain-check.sh ADDRESS PORT
# Asks a real server's health agent whether it wants new sessions. Exit codes (keepalived.conf(5), misc_dynamic): 0 the weight
# that is configured, 2 weight 0. Without an answer the last one holds: whether the server lives is HTTP_GET's to say.
set -u

MEMORY=${MHA_ROOT:-}/run/mariadb-ha/draining-$1

last() {
    [ ! -e "$MEMORY" ] || exit 2
    exit 0
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
    exit 0
    ;;
esac
last
