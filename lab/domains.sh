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
