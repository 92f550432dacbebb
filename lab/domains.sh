# shellcheck shell=bash
# Which libvirt domain a host is. Sourced by power, cable and freeze.

# domain_of HOST: a VM of the stack (STACK, default dev), or one that lab/hosts made.
domain_of() {
    local domain
    for domain in "${STACK:-dev}-$1" "$LAB_NAME-$1"; do
        if virsh --quiet --connect "$LAB_URI" dominfo "$domain" >/dev/null 2>&1; then
            echo "$domain"
            return
        fi
    done
    die "there is no host $1 in lab \"$LAB_NAME\", neither a container of lab/hosts nor a VM ${STACK:-dev}-$1." \
        "lab/status lists them; STACK=name for another stack's."
}

# port_of HOST: where its cable is plugged into the bridge. containers.sh is sourced, too.
port_of() {
    local domain port
    if is_container "$1"; then
        container_running "$1" || die "$1 is powered off." "lab/power $1 on"
        container_link "$1"
        return
    fi
    domain=$(domain_of "$1")
    port=$(virsh --quiet --connect "$LAB_URI" domiflist "$domain" | awk 'NR == 1 && $1 != "-" {print $1}')
    [ -n "$port" ] || die "$domain is powered off, or has no network interface." "lab/power $1 on"
    echo "$port"
}

# isolated_ports: of the lab's bridges.
isolated_ports() {
    ip -n "$LAB_ID" -d -o link show | awk '/ isolated on / {sub(/[@:].*/, "", $2); print $2}'
}
