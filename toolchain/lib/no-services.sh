# shellcheck shell=bash
# While packages are installed, none of their services starts: invoke-rc.d(8) asks policy-rc.d. Sourced by toolchain/apt
# and lab/install, run as root.
#
# An administrator's own policy-rc.d is kept beside it and put back whatever happens: at the end, or by the next run
# when this one was killed. Ours is known by its marker.

policy_file=${policy_file:-/usr/sbin/policy-rc.d}
policy_lock=${policy_lock:-/run/mariadb-ha-policy.lock}
policy_marker='# mariadb-ha'

policy_kept=$policy_file.before-mariadb-ha-lab

# policy_ours: ours stands there, of a running installation or of one that was killed.
policy_ours() {
    [ -e "$policy_kept" ] || grep -qsF "$policy_marker" "$policy_file"
}

# policy_clean: takes away what a killed installation left; leaves a running one alone.
policy_clean() {
    exec 8>"$policy_lock"
    ! flock --nonblock 8 || policy_restore
    exec 8>&-
}

policy_restore() {
    if [ -e "$policy_kept" ]; then
        mv -f "$policy_kept" "$policy_file"
    elif policy_ours; then
        rm -f "$policy_file"
    fi
}

# no_services: from here to the end of the calling script. Waits for another installation that has asked for the same.
no_services() {
    exec 8>"$policy_lock"
    flock 8
    policy_restore
    trap policy_restore EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if [ -e "$policy_file" ]; then
        cp -a "$policy_file" "$policy_kept.new"
        mv -f "$policy_kept.new" "$policy_kept"
    fi
    printf '#!/bin/sh\n%s: no service starts while its packages are installed\nexit 101\n' \
        "$policy_marker" >"$policy_file.new"
    chmod 755 "$policy_file.new"
    mv -f "$policy_file.new" "$policy_file"
}
