#!/bin/sh
# Real server of LVS direct routing: lvsdr.sh start|stop|status
# Holds each VIP as /32 on the loopback, silent in ARP (kernel: ip-sysctl, arp_ignore and arp_announce).
# Exit codes of `status` (LSB): 0 running, 3 stopped, 1 neither whole; others: 0 done, 1 failed, 2 usage.
set -eu

ROOT=${MHA_ROOT:-}
CONF=$ROOT/etc/mariadb-ha/realserver.env
STATE=$ROOT/run/mariadb-ha/lvsdr        # what was found and added, to be undone by stop
SYSCTL=${MHA_SYSCTL:-/proc/sys/net/ipv4/conf}

die() { # words, what to do
    echo "lvsdr.sh: $1. To do: $2" >&2
    exit 1
}

usage() {
    echo "usage: lvsdr.sh start|stop|status" >&2
    exit 2
}

settings() { # interface key value, one a line
    for iface in lo all; do
        echo "$iface arp_ignore 1"
        echo "$iface arp_announce 2"
    done
}

on_lo() { # VIP: is it there?
    ip -o -4 addr show dev lo | grep -Fq " $1/32 "
}

sysctl_set() { # interface key value
    echo "$3" >"$SYSCTL/$1/$2" || die "net.ipv4.conf.$1.$2 cannot be set to $3" \
        "run as root, outside of a read-only /proc"
}

start() {
    mkdir -p "$STATE"
    did=
    settings | while read -r iface key value; do
        now=$(cat "$SYSCTL/$iface/$key")
        # The first start remembers; a second one would remember our own values.
        [ -e "$STATE/$iface.$key" ] || echo "$now" >"$STATE/$iface.$key"
        if [ "$now" != "$value" ]; then
            sysctl_set "$iface" "$key" "$value"
            echo "lvsdr.sh: net.ipv4.conf.$iface.$key=$value (was $now)"
        fi
    done
    touch "$STATE/vips"
    for vip in $VIPS; do
        grep -Fxq "$vip" "$STATE/vips" || echo "$vip" >>"$STATE/vips"
        if ! on_lo "$vip"; then
            # Scope host: never chosen as the source of the server's own connections.
            ip addr add "$vip/32" dev lo scope host || die "$vip cannot be added to lo" \
                "see that it is an IPv4 address and run as root"
            echo "lvsdr.sh: $vip/32 on lo"
            did=yes
        fi
    done
    while read -r vip; do
        case " $VIPS " in
        *" $vip "*) ;;
        *)
            if on_lo "$vip"; then
                ip addr del "$vip/32" dev lo
                echo "lvsdr.sh: $vip/32 removed from lo, no VIP of ours any more"
                did=yes
            fi
            ;;
        esac
    done <"$STATE/vips"
    for vip in $VIPS; do echo "$vip"; done >"$STATE/vips.new"
    mv "$STATE/vips.new" "$STATE/vips"
    [ "$did" ] || echo "lvsdr.sh: nothing to do: the addresses are there"
}

stop() {
    did=
    known=
    [ ! -e "$STATE/vips" ] || known=$(cat "$STATE/vips")
    for vip in $VIPS $known; do
        if on_lo "$vip"; then
            ip addr del "$vip/32" dev lo || die "$vip cannot be removed from lo" "run as root"
            echo "lvsdr.sh: $vip/32 removed from lo"
            did=yes
        fi
    done
    # Only now may the host speak in ARP again.
    settings | while read -r iface key value; do
        [ -e "$STATE/$iface.$key" ] || continue
        was=$(cat "$STATE/$iface.$key")
        if [ "$(cat "$SYSCTL/$iface/$key")" != "$was" ]; then
            sysctl_set "$iface" "$key" "$was"
            echo "lvsdr.sh: net.ipv4.conf.$iface.$key=$was (as found before start)"
        fi
        rm -f "$STATE/$iface.$key"
    done
    rm -rf "$STATE"
    [ "$did" ] || echo "lvsdr.sh: nothing to do: no VIP on lo"
}

status() {
    have=0
    lack=0
    for vip in $VIPS; do
        if on_lo "$vip"; then
            echo "$vip/32 on lo: yes"
            have=$((have + 1))
        else
            echo "$vip/32 on lo: no"
            lack=$((lack + 1))
        fi
    done
    silent=yes
    for line in $(settings | tr ' ' ,); do
        iface=${line%%,*}
        rest=${line#*,}
        key=${rest%%,*}
        value=${rest##*,}
        now=$(cat "$SYSCTL/$iface/$key")
        note=
        if [ "$now" != "$value" ]; then
            silent=no
            note=" (real server: $value)"
        fi
        echo "net.ipv4.conf.$iface.$key=$now$note"
    done
    if [ "$lack" -eq 0 ] && [ "$silent" = yes ]; then
        echo "running"
        return 0
    fi
    if [ "$have" -eq 0 ]; then
        echo "stopped"
        return 3
    fi
    [ "$silent" = yes ] ||
        echo "this host answers ARP for the VIP: clients may bypass the director. To do: lvsdr.sh start"
    echo "partly running"
    return 1
}

[ $# -eq 1 ] || usage
case $1 in start | stop | status) ;; *) usage ;; esac
[ -r "$CONF" ] || die "/etc/mariadb-ha/realserver.env cannot be read" "deliver it with pulumi up"
VIPS=
# shellcheck source=/dev/null
. "$CONF"
[ "$VIPS" ] || die "/etc/mariadb-ha/realserver.env names no VIPS" "deliver it again with pulumi up"
"$1"
