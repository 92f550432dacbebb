# shellcheck shell=bash
# The lab's namespace and its two daemons: are they there, make them, end them. Sourced by
# start, stop and status.

# The directories that libvirt's daemons have compiled in, and where this lab keeps each.
lab_directories() {
    cat <<END
/etc/libvirt $LAB_STATE/etc
/var/lib/libvirt $LAB_STATE/lib
/var/cache/libvirt $LAB_STATE/cache
/var/log/libvirt $LAB_STATE/log
/run/libvirt $LAB_RUN/libvirt
/etc/passwd $LAB_STATE/etc/passwd
/etc/group $LAB_STATE/etc/group
END
}

namespace_up() {
    ip netns exec "$LAB_ID" true 2>/dev/null &&
        ip -n "$LAB_ID" link show lo up 2>/dev/null | grep -q LOOPBACK
}

namespace_make() {
    # The name of a namespace that a reboot or a crash left without its namespace is taken away.
    ip netns exec "$LAB_ID" true 2>/dev/null || {
        ip netns delete "$LAB_ID" 2>/dev/null || rm -f "/run/netns/$LAB_ID"
        ip netns add "$LAB_ID"
    }
    ip -n "$LAB_ID" link set lo up
}

directories_make() {
    local inside outside
    while read -r inside outside; do
        [ -f "$inside" ] || mkdir -p "$inside" "$outside"
    done < <(lab_directories)
    accounts_write
    mkdir -p "$LAB_STATE"/lib/{boot,dnsmasq,images,network,qemu} "$LAB_STATE"/etc/qemu "$LAB_STATE"/log/qemu
}

# libvirtd does not start without the account libvirt-qemu, which comes with Debian's package of
# the system service only. The lab's daemons see it, the host does not.
accounts_write() {
    cp /etc/passwd "$LAB_STATE/etc/passwd.new"
    cp /etc/group "$LAB_STATE/etc/group.new"
    grep -q '^libvirt-qemu:' /etc/group || echo 'libvirt-qemu:x:64055:' >>"$LAB_STATE/etc/group.new"
    grep -q '^kvm:' /etc/group || echo 'kvm:x:64056:' >>"$LAB_STATE/etc/group.new"
    grep -q '^libvirt-qemu:' /etc/passwd ||
        echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >>"$LAB_STATE/etc/passwd.new"
    mv "$LAB_STATE/etc/passwd.new" "$LAB_STATE/etc/passwd"
    mv "$LAB_STATE/etc/group.new" "$LAB_STATE/etc/group"
}

configuration_write() {
    cat >"$LAB_STATE/etc/libvirtd.conf" <<END
# Written by lab/start. Root alone may open the sockets.
unix_sock_ro_perms = "0700"
unix_sock_rw_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
END
    cat >"$LAB_STATE/etc/qemu.conf" <<END
# Written by lab/start. Guests are disposable and run as root, without cgroups: the machine may
# have neither an AppArmor profile for them nor a controller to give.
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "logd"
END
    printf 'log_outputs = "3:file:/var/log/libvirt/virtlogd.log"\n' >"$LAB_STATE/etc/virtlogd.conf"
    printf 'uri_default = "qemu:///system"\n' >"$LAB_STATE/etc/libvirt.conf"
}

# daemon_alive NAME: its recorded process lives, and is not another one with the same number.
daemon_alive() {
    local pid
    pid=$(cat "$LAB_RUN/$1.pid" 2>/dev/null) && [ -n "$pid" ] &&
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] &&
        [ "$(ip netns identify "$pid" 2>/dev/null)" = "$LAB_ID" ]
}

libvirt_answers() { timeout 10 virsh --quiet --connect "$LAB_URI" version >/dev/null 2>&1; }

# daemon_start NAME: NAME in the lab's namespaces, in a session of its own, its pid recorded.
daemon_start() {
    local name=$1 waited=0
    # The lock's descriptor stays here: a daemon must not hold it.
    setsid --fork ip netns exec "$LAB_ID" unshare --mount --propagation private \
        bash -eu "$LAB_ROOT/lab/daemon-inside" "$LAB_NAME" "$name" \
        >>"$LAB_STATE/log/$name.out" 2>&1 9>&- </dev/null
    until daemon_alive "$name" && { [ "$name" = virtlogd ] || libvirt_answers; }; do
        sleep 0.2
        waited=$((waited + 1))
        [ "$waited" -lt 150 ] || die "$name did not come up in 30 s; its last words: $(
            tail -qn 3 "$LAB_STATE/log/$name.out" "$LAB_STATE/log/$name.log" 2>/dev/null | paste -sd' '
        )" "Its logs are in ${LAB_STATE#"$LAB_ROOT"/}/log."
    done
}

# daemon_end NAME: ends the recorded process if it still is that daemon, forgets it.
daemon_end() {
    local pid
    if daemon_alive "$1"; then
        pid=$(cat "$LAB_RUN/$1.pid")
        kill "$pid" 2>/dev/null || true
        timeout 20 tail --pid="$pid" -f /dev/null || kill -9 "$pid" 2>/dev/null || true
    fi
    rm -f "$LAB_RUN/$1.pid"
}
