#!/bin/sh
# Real server of LVS: lvsdr.sh start|stop|status. What is done depends on the forwarding method (METHOD):
#   DR   each VIP as /32 on the loopback, silent in ARP (kernel: ip-sysctl, arp_ignore and arp_announce)
#   TUN  the same on tunl0, which unpacks the directors' ipip packets; they come where no route leads back, so no
#        reverse path filter is there
#   NAT  answers from PORT leave through GATEWAY, the director that translated what they answer; those to the stack's
#        own hosts (NEAR) go straight (ip-rule(8))
# Exit codes of `status` (LSB): 0 running, 3 stopped, 1 neither whole; others: 0 done, 1 failed, 2 usage.
set -eu

ROOT=${MHA_ROOT:-}
CONF=$ROOT/etc/mariadb-ha/realserver.env
STATE=$ROOT/run/mariadb-ha/lvsdr        # what was found and added, to be undone by stop
SYSCTL=${MHA_SYSCTL:-/proc/sys/net/ipv4/conf}
# NAT: the routing table of answers, and the preferences of its rules.
TABLE=7306 NEAR_RULE=7305 ANSWER_RULE=7306

die() { # words, what to do
    echo "lvsdr.sh: $1. To do: $2" >&2
    exit 1
}

usage() {
    echo "usage: lvsdr.sh start|stop|status" >&2
    exit 2
}

device() {
    if [ "$METHOD" = TUN ]; then echo tunl0; else echo lo; fi
}

settings() { # interface key value, one a line
    dev=$(device)
    for iface in "$dev" all; do
        echo "$iface arp_ignore 1"
        echo "$iface arp_announce 2"
    done
    [ "$METHOD" != TUN ] || echo "tunl0 rp_filter 0"
    # The stricter of `all` and the interface's own counts: 2 (loose) lets through what has any route back.
    [ "$METHOD" != TUN ] || [ "$(cat "$SYSCTL/all/rp_filter")" != 1 ] || echo "all rp_filter 2"
}

on_dev() { # VIP: is it there?
    ip -o -4 addr show dev "$(device)" 2>/dev/null | grep -Fq " $1/32 "
}

sysctl_set() { # interface key value
    echo "$3" >"$SYSCTL/$1/$2" || die "net.ipv4.conf.$1.$2 cannot be set to $3" \
        "run as root, outside of a read-only /proc"
}

tunnel() { # there, and up?
    ip -o link show dev tunl0 2>/dev/null | grep -Eq '[<,]UP[,>]'
}

start_addresses() {
    mkdir -p "$STATE"
    dev=$(device)
    did=
    if [ "$METHOD" = TUN ] && ! ip link show dev tunl0 >/dev/null 2>&1; then
        modprobe ipip || die "the kernel has no ipip tunnels" "install a kernel with the module ipip, or set lb_kind to DR"
    fi
    settings | while read -r iface key value; do
        now=$(cat "$SYSCTL/$iface/$key")
        # The first start remembers; a second one would remember our own values.
        [ -e "$STATE/$iface.$key" ] || echo "$now" >"$STATE/$iface.$key"
        if [ "$now" != "$value" ]; then
            sysctl_set "$iface" "$key" "$value"
            echo "lvsdr.sh: net.ipv4.conf.$iface.$key=$value (was $now)"
        fi
    done
    if [ "$METHOD" = TUN ] && ! tunnel; then
        ip link set dev tunl0 up || die "tunl0 cannot be set up" "run as root"
        echo "lvsdr.sh: tunl0 is up"
        did=yes
    fi
    touch "$STATE/vips"
    for vip in $VIPS; do
        grep -Fxq "$vip" "$STATE/vips" || echo "$vip" >>"$STATE/vips"
        if ! on_dev "$vip"; then
            # Scope host: never chosen as the source of the server's own connections.
            ip addr add "$vip/32" dev "$dev" scope host || die "$vip cannot be added to $dev" \
                "see that it is an IPv4 address and run as root"
            echo "lvsdr.sh: $vip/32 on $dev"
            did=yes
        fi
    done
    while read -r vip; do
        case " $VIPS " in
        *" $vip "*) ;;
        *)
            if on_dev "$vip"; then
                ip addr del "$vip/32" dev "$dev"
                echo "lvsdr.sh: $vip/32 removed from $dev, no VIP of ours any more"
                did=yes
            fi
            ;;
        esac
    done <"$STATE/vips"
    for vip in $VIPS; do echo "$vip"; done >"$STATE/vips.new"
    mv "$STATE/vips.new" "$STATE/vips"
    [ "$did" ] || echo "lvsdr.sh: nothing to do: the addresses are there"
}

stop_addresses() {
    dev=$(device)
    did=
    known=
    [ ! -e "$STATE/vips" ] || known=$(cat "$STATE/vips")
    for vip in $VIPS $known; do
        if on_dev "$vip"; then
            ip addr del "$vip/32" dev "$dev" || die "$vip cannot be removed from $dev" "run as root"
            echo "lvsdr.sh: $vip/32 removed from $dev"
            did=yes
        fi
    done
    if [ "$METHOD" = TUN ] && tunnel; then
        ip link set dev tunl0 down
        echo "lvsdr.sh: tunl0 is down"
        did=yes
    fi
    # Only now may the host speak in ARP again.
    for file in "$STATE"/*.*_*; do
        [ -e "$file" ] || continue
        entry=${file##*/}
        iface=${entry%%.*}
        key=${entry#*.}
        was=$(cat "$file")
        if [ -e "$SYSCTL/$iface/$key" ] && [ "$(cat "$SYSCTL/$iface/$key")" != "$was" ]; then
            sysctl_set "$iface" "$key" "$was"
            echo "lvsdr.sh: net.ipv4.conf.$iface.$key=$was (as found before start)"
        fi
        rm -f "$file"
    done
    rm -rf "$STATE"
    [ "$did" ] || echo "lvsdr.sh: nothing to do: no VIP on $dev"
}

status_addresses() {
    dev=$(device)
    have=0
    lack=0
    for vip in $VIPS; do
        if on_dev "$vip"; then
            echo "$vip/32 on $dev: yes"
            have=$((have + 1))
        else
            echo "$vip/32 on $dev: no"
            lack=$((lack + 1))
        fi
    done
    silent=yes
    if [ "$METHOD" = TUN ] && ! tunnel; then
        echo "tunl0 is not up"
        lack=$((lack + 1))
    fi
    for line in $(settings | tr ' ' ,); do
        iface=${line%%,*}
        rest=${line#*,}
        key=${rest%%,*}
        value=${rest##*,}
        now=$(cat "$SYSCTL/$iface/$key" 2>/dev/null || echo none)
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

rules() { # the rules that are wanted, as `ip rule` takes them
    for address in $NEAR; do
        echo "pref $NEAR_RULE to $address ipproto tcp sport $PORT lookup main"
    done
    echo "pref $ANSWER_RULE ipproto tcp sport $PORT lookup $TABLE"
}

present() { # pref: how many rules of this preference there are
    ip -4 rule show pref "$1" | grep -c . || true
}

wanted_route() {
    ip -4 route show table "$TABLE" 2>/dev/null | grep -Eq "^default via $GATEWAY dev $INTERFACE"
}

flush_rules() {
    for pref in $NEAR_RULE $ANSWER_RULE; do
        while [ "$(present "$pref")" -gt 0 ]; do ip -4 rule del pref "$pref"; done
    done
}

start_routes() {
    if status_routes >/dev/null && [ "$(rules)" = "$(cat "$STATE/rules" 2>/dev/null)" ]; then
        echo "lvsdr.sh: nothing to do: answers go through $GATEWAY"
        return 0
    fi
    mkdir -p "$STATE"
    # The route comes first: a rule that leads to an empty table is passed over.
    ip -4 route replace default via "$GATEWAY" dev "$INTERFACE" onlink table "$TABLE" ||
        die "no route through $GATEWAY" "see that $INTERFACE is there and up"
    flush_rules
    rules | while read -r rule; do
        # shellcheck disable=SC2086  # words of a rule
        ip -4 rule add $rule || die "the rule \"$rule\" is refused" "use a kernel from 4.17 on, with policy routing"
    done
    rules >"$STATE/rules"
    echo "lvsdr.sh: answers from port $PORT go through $GATEWAY"
}

stop_routes() {
    did=
    [ "$(present "$ANSWER_RULE")" -eq 0 ] || did=yes
    flush_rules
    ip -4 route flush table "$TABLE" 2>/dev/null || true
    rm -rf "$STATE"
    if [ "$did" ]; then echo "lvsdr.sh: answers take the usual way again"; else echo "lvsdr.sh: nothing to do"; fi
}

status_routes() {
    near=$(present "$NEAR_RULE")
    answers=$(present "$ANSWER_RULE")
    # shellcheck disable=SC2086  # addresses, one a word
    set -- $NEAR
    echo "rules: $near of $# to the stack's own hosts, $answers for answers from port $PORT"
    if wanted_route; then echo "answers go through $GATEWAY: yes"; else echo "answers go through $GATEWAY: no"; fi
    if [ "$answers" -eq 0 ]; then
        echo "stopped"
        return 3
    fi
    if [ "$near" -eq $# ] && [ "$answers" -eq 1 ] && wanted_route; then
        echo "running"
        return 0
    fi
    echo "partly running: clients may get no answers. To do: lvsdr.sh start"
    return 1
}

begun() { # the method that start has begun; the settings' where none is remembered
    cat "$STATE/method" 2>/dev/null || echo "$METHOD"
}

start() {
    wanted=$METHOD
    [ "$(begun)" = "$wanted" ] || stop
    METHOD=$wanted
    mkdir -p "$STATE"
    echo "$METHOD" >"$STATE/method"
    if [ "$METHOD" = NAT ]; then start_routes; else start_addresses; fi
}

stop() {
    METHOD=$(begun)
    if [ "$METHOD" = NAT ]; then stop_routes; else stop_addresses; fi
}

status() {
    if [ "$METHOD" = NAT ]; then status_routes; else status_addresses; fi
}

[ $# -eq 1 ] || usage
case $1 in start | stop | status) ;; *) usage ;; esac
[ -r "$CONF" ] || die "/etc/mariadb-ha/realserver.env cannot be read" "deliver it with pulumi up"
METHOD=DR VIPS='' PORT='' GATEWAY='' INTERFACE='' NEAR=''
# shellcheck source=/dev/null
. "$CONF"
[ "$VIPS" ] || die "/etc/mariadb-ha/realserver.env names no VIPS" "deliver it again with pulumi up"
case $METHOD in
DR | TUN) ;;
NAT)
    for value in "$PORT" "$GATEWAY" "$INTERFACE"; do
        [ "$value" ] || die "/etc/mariadb-ha/realserver.env is incomplete" "deliver it again with pulumi up"
    done
    ;;
*) die "/etc/mariadb-ha/realserver.env: METHOD is $METHOD" "deliver it again with pulumi up" ;;
esac
"$1"
