# shellcheck shell=bash
# Container hosts: systemd-nspawn on an overlay over the guest image's root directory, on the same bridge as the VMs.
# Sourced by hosts, power, cable, freeze, status and stop; no side effects. A host's files:
# $LAB_STATE/hosts/NAME/{spec,upper,work,root,console.log}.
#
# Each host has a cgroup of its own: without it the systemds of two hosts act on each other's units. It is also how a
# host is found, frozen and killed whole: whoever is in it belongs to the host.

container_place() { echo "$LAB_STATE/hosts/$1"; }

# is_container NAME: the lab made a container host of this name.
is_container() { [ "$(cut -d' ' -f5 "$(container_place "$1")/spec" 2>/dev/null)" = container ]; }

# hierarchy TYPE OPTION NAME: where cgroups of this machine are: cgroup2, or a controller of version 1. lab/run hides
# /sys, and some machine may have it nowhere: then it is mounted as NAME in the lab's directory.
hierarchy() {
    local mount_point
    mount_point=$(findmnt -n -t "$1" -O "$2" -o TARGET | head -n 1)
    if [ -z "$mount_point" ]; then
        mount_point=$LAB_RUN/$3
        mkdir -p "$mount_point"
        mount -t "$1" -o "$2" "$3" "$mount_point"
    fi
    echo "$mount_point"
}
cgroup2_mount() { hierarchy cgroup2 rw cgroup2; }
# memory_mount: of version 1's memory controller; nothing where the machine has it not, or has it in cgroup2.
memory_mount() {
    ! awk '$1 == "memory" && $2 > 0 {found = 1} END {exit !found}' /proc/cgroups || hierarchy cgroup memory memory
}
container_cgroup() { echo "$(cgroup2_mount)/$LAB_ID/$1"; }

container_running() { grep -qs '^populated 1' "$(container_cgroup "$1")/cgroup.events"; }

# container_state NAME: in virsh's words, but for the third.
container_state() {
    if ! container_running "$1"; then
        echo "shut off"
    elif grep -qs '^frozen 1' "$(container_cgroup "$1")/cgroup.events"; then
        echo frozen
    else
        echo running
    fi
}

# container_ended NAME: it should run, and it does not.
container_ended() {
    local said
    said=$(tail -n 3 "$(container_place "$1")/console.log" | tr '\n' ' ')
    die "container host $1 has ended; its last words: $said" \
        "All of them: .state/lab/$LAB_NAME/hosts/$1/console.log. If \`poweroff\` was said inside: lab/power $1 on"
}

# container_link NAME: the host's end of its cable on the bridge, as systemd-nspawn names it (systemd-nspawn(1),
# --network-veth).
container_link() { printf 'vb-%s' "$1" | cut -c1-15; }

container_cable() { ip -n "$LAB_ID" link set "$(container_link "$1")" "$2"; }

# in_overlay NAME COMMAND…: a command in the root directory of a host that is off.
in_overlay() {
    local place
    place=$(container_place "$1")
    shift
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount --propagation private bash -euc '
        mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
        mount -t proc proc "$2/root/proc"
        root=$2/root
        shift 2
        exec chroot "$root" "$@"
    ' bash "$(cat "$place/base")" "$place" "$@"
}

# container_make NAME ADDRESS ROOT FOLDER: what the installer of a server would have asked for: a name and an address;
# and what a container must be told. No program of the project.
container_make() {
    local name=$1 address=$2 base=$3 folder=$4 unit
    mkdir -p "$folder"/{upper,work,root}
    echo "$base" >"$folder/base"
    local up=$folder/upper
    mkdir -p "$up"/etc/{systemd/network,systemd/system,ssh,sudoers.d,default,cloud,chrony}
    chmod 755 "$up" "$up/etc"
    chmod 750 "$up/etc/sudoers.d"
    echo "$name" >"$up/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$up/etc/hosts"
    : >"$up/etc/machine-id"
    : >"$up/etc/cloud/cloud-init.disabled"
    cat >"$up/etc/systemd/network/10-host0.network" <<END_NETWORK
[Match]
Name=host0

[Network]
Address=$address/$HOSTS_PREFIX
Gateway=$HOSTS_GATEWAY
LinkLocalAddressing=no
IPv6AcceptRA=no
END_NETWORK
    # No disk, no devices and no first boot to look after.
    for unit in cloud-init.service cloud-init-local.service cloud-config.service cloud-final.service \
        cloud-init-stages.service \
        cloud-init.target systemd-remount-fs.service systemd-udevd.service systemd-udev-trigger.service; do
        ln -s /dev/null "$up/etc/systemd/system/$unit"
    done
    # The clock is the machine's own: time is followed and never set (chronyd -x), for which no capability is needed.
    mkdir -p "$up/etc/systemd/system/chrony.service.d"
    printf '[Unit]\nConditionCapability=\n' >"$up/etc/systemd/system/chrony.service.d/lab.conf"
    echo 'DAEMON_OPTS="-F 1 -x"' >"$up/etc/default/chrony"
    printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$HOSTS_LOGIN" >"$up/etc/sudoers.d/90-lab"
    chmod 440 "$up/etc/sudoers.d/90-lab"
}

# container_data FOLDER: the data volume begins with what the root directory has at its place.
container_data() {
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount --propagation private bash -euc '
        cd "$1"
        mkdir -p data upper/var/lib/mysql
        mount -o loop data.img data
        rm -rf data/lost+found
        inside=$(cat base)/var/lib/mysql
        [ ! -d "$inside" ] || cp --archive --no-target-directory "$inside" data
    ' bash "$1"
}

# container_finish NAME KEY: the part that needs the host's own programs.
container_finish() {
    local place
    place=$(container_place "$1")
    [ ! -e "$place/data.img" ] || container_data "$place"
    # shellcheck disable=SC2016 # expanded inside
    in_overlay "$1" /bin/bash -euc '
        useradd --create-home --shell /bin/bash "$1"
        install -d -m 700 -o "$1" -g "$1" "/home/$1/.ssh"
        echo "$2" >"/home/$1/.ssh/authorized_keys"
        chown "$1:$1" "/home/$1/.ssh/authorized_keys"
        chmod 600 "/home/$1/.ssh/authorized_keys"
        rm -f /etc/ssh/ssh_host_*
        ssh-keygen -q -t ed25519 -N "" -C "" -f /etc/ssh/ssh_host_ed25519_key
        systemctl --quiet enable systemd-networkd.service ssh.service 2>/dev/null
    ' bash "$HOSTS_LOGIN" "$2"
}

# container_limit NAME MEMORY_MIB: makes its cgroups, with a limit on memory where the machine's kernel keeps one.
container_limit() {
    local group memory top
    group=$(container_cgroup "$1")
    memory=$(memory_mount)
    mkdir -p "$group"
    if [ -n "$memory" ]; then
        mkdir -p "$memory/$LAB_ID/$1"
        echo "$2M" >"$memory/$LAB_ID/$1/memory.limit_in_bytes"
        return 0
    fi
    for top in "${group%/*/*}" "${group%/*}"; do
        ! grep -qw memory "$top/cgroup.controllers" || echo +memory >"$top/cgroup.subtree_control"
    done
    [ ! -e "$group/memory.max" ] || echo "$2M" >"$group/memory.max"
}

# container_start NAME BRIDGE MEMORY_MIB: powered on, in a session of its own; a reboot asked for inside is carried out
# by it.
container_start() {
    local place
    place=$(container_place "$1")
    if container_running "$1"; then return 0; fi
    container_limit "$1" "$3"
    # It may have lost its power while it stood still.
    echo 0 >"$(container_cgroup "$1")/cgroup.freeze"
    # The overlay's own scratch directory must not remember another mount of it.
    rm -rf --one-file-system "$place/work"
    mkdir -p "$place/work"
    setsid nsenter "--net=/run/netns/$LAB_ID" unshare --mount --propagation private \
        bash -eu "$LAB_ROOT/lab/container-inside" "$LAB_NAME" "$1" "$2" \
            >>"$place/console.log" 2>&1 8>&- 9>&- </dev/null &
    local launcher=$!
    until container_running "$1"; do
        kill -0 "$launcher" 2>/dev/null || container_ended "$1"
        sleep 0.1
    done
}

# container_off NAME: a power cut. First the cable, for a dying host's sockets still answer; then all of its processes
# at once (cgroup.kill, kernel 5.14 and newer), the launcher too.
container_off() {
    local cgroup waited=0
    cgroup=$(container_cgroup "$1")
    if container_running "$1"; then
        container_cable "$1" down 2>/dev/null || true
        echo 1 >"$cgroup/cgroup.kill"
        while container_running "$1"; do
            sleep 0.1
            waited=$((waited + 1))
            [ "$waited" -lt 300 ] || die "container host $1 is not dead after 30 s." \
                "Its processes: $(find "$cgroup" -name cgroup.procs -exec cat {} + | paste -sd' ')"
        done
    fi
    # A dead host's network namespace lives on while connections of its try to end; its cable must not wait for that.
    ip -n "$LAB_ID" link delete "$(container_link "$1")" 2>/dev/null || true
}

# container_freeze NAME on|off: a host that stands still. Its cable is pulled too: a frozen host's kernel still accepts
# connections.
container_freeze() {
    if [ "$2" = on ]; then
        container_cable "$1" down
        echo 1 >"$(container_cgroup "$1")/cgroup.freeze"
    else
        echo 0 >"$(container_cgroup "$1")/cgroup.freeze"
        container_cable "$1" up
    fi
}

# container_forget NAME: its cgroups, once it is off.
container_forget() {
    local top
    for top in "$(cgroup2_mount)" "$(memory_mount)"; do
        [ ! -d "$top/$LAB_ID/$1" ] || find "$top/$LAB_ID/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
        rmdir "$top/$LAB_ID" 2>/dev/null || true
    done
    rmdir "/run/systemd/nspawn/propagate/$1" 2>/dev/null || true
}
