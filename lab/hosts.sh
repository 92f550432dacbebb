# shellcheck shell=bash
# Hosts of the lab: what their first boot carries, their network, their domain. Sourced by hosts, no side effects.

HOSTS_GATEWAY=172.16.21.1
HOSTS_PREFIX=24
# Addresses from which tests write, as several clients would (deploy/clients.py gives stacks as many).
HOSTS_CLIENTS="172.16.21.10 172.16.21.11 172.16.21.12 172.16.21.13 172.16.21.14 172.16.21.15"
HOSTS_LOGIN='admin'
HOSTS_USAGE='NAME=ADDRESS[:MEMORY_MIB|:baked|:unbaked|:vm|:container|:data=SIZE]…'

# hosts_mac NAME: the same in every life of the host.
hosts_mac() { printf '%s' "$LAB_NAME-$1" | sha256sum | sed -E 's/^(..)(..)(..).*/52:54:00:\1:\2:\3/'; }

# hosts_user_data NAME KEY: what the installer of a server would have asked for: a name, a login, an SSH key. No program
# of the project and no host key: the host makes its own. cloud-init is off from then on, most servers have none.
hosts_user_data() {
    cat <<END
#cloud-config
preserve_hostname: false
hostname: $1
manage_etc_hosts: false
users:
  - name: $HOSTS_LOGIN
    shell: /bin/bash
    lock_passwd: true
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    ssh_authorized_keys: ["$2"]
ssh_pwauth: false
disable_root: true
ssh_genkeytypes: [ed25519]
write_files:
  - path: /etc/hosts
    content: |
      127.0.0.1 localhost
      127.0.1.1 $1
bootcmd:
  - [rm, -f, /etc/systemd/system/multi-user.target.wants/cloud-init.target]
END
}

hosts_meta_data() { printf 'instance-id: %s-%s\nlocal-hostname: %s\n' "$LAB_NAME" "$1" "$1"; }

# hosts_network_config NAME ADDRESS: version 2 of cloud-init's network configuration.
hosts_network_config() {
    cat <<END
version: 2
ethernets:
  eth0:
    match: {macaddress: "$(hosts_mac "$1")"}
    set-name: eth0
    dhcp4: false
    addresses: [$2/$HOSTS_PREFIX]
    routes: [{to: 0.0.0.0/0, via: $HOSTS_GATEWAY}]
END
}

# hosts_network_xml: as the libvirt provider makes a stack's: no DNS, no DHCP, nothing filtered. Without STP: with it a
# cable that is put back carries nothing for ten seconds and more.
hosts_network_xml() {
    cat <<END
<network>
  <name>$LAB_NAME</name>
  <forward mode="open"/>
  <bridge stp="off" delay="0"/>
  <dns enable="no"/>
  <ip address="$HOSTS_GATEWAY" prefix="$HOSTS_PREFIX"/>
</network>
END
}

# hosts_domain_xml NAME MEMORY_MIB FOLDER DOMAIN_TYPE: the guest of a stack without its data disk.
hosts_domain_xml() {
    local cpu=maximum vcpus=2 # one is not safe under emulation: docs/decisions/0012
    [ "$4" != kvm ] || cpu=host-passthrough vcpus=1
    cat <<END
<domain type="$4">
  <name>$LAB_NAME-$1</name>
  <memory unit="MiB">$2</memory>
  <vcpu>$vcpus</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type><boot dev="hd"/></os>
  <features><acpi/><apic/><pae/></features>
  <cpu mode="$cpu"/>
  <clock offset="utc"/>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="qcow2"/>
      <source file="$3/root.qcow2"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    <disk type="file" device="cdrom">
      <driver name="qemu" type="raw"/>
      <source file="$3/seed.iso"/>
      <target dev="hdd" bus="ide"/>
      <readonly/>
    </disk>
    <interface type="network">
      <mac address="$(hosts_mac "$1")"/>
      <source network="$LAB_NAME"/>
      <model type="virtio"/>
    </interface>
    <serial type="pty"><log file="$3/console.log" append="on"/><target port="0"/></serial>
    <rng model="virtio"><backend model="random">/dev/urandom</backend></rng>
  </devices>
</domain>
END
}

# hosts_parse WORD: "name address memory_mib image kind data" of HOSTS_USAGE's form, or ends with what is wrong in it.
# data is the size of a file system of its own on /var/lib/mysql, "-" where that lies on the root disk.
hosts_parse() {
    local name=${1%%=*} rest=${1#*=} address memory='' image='' kind='' data word words
    case $1 in
    ?*=?*) ;;
    *) die "\"$1\" is no host." "Usage: $HOSTS_USAGE, for example ha1=172.16.21.201:512" ;;
    esac
    [[ $name =~ ^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$ ]] ||
        die "\"$name\" in \"$1\" is no host name." "Lower-case letters, digits and inner hyphens, at most 32."
    IFS=: read -r -a words <<<"$rest"
    address=${words[0]}
    for word in "${words[@]:1}"; do
        case $word in
        baked | unbaked) [ -z "$image" ] || die "$name: \"$image\" and \"$word\" are both given." \
            "One of them." && image=$word ;;
        vm | container) [ -z "$kind" ] || die "$name: \"$kind\" and \"$word\" are both given." \
            "One of them." && kind=$word ;;
        data=*) [ -z "${data+given}" ] || die "$name: \"data=$data\" and \"$word\" are both given." \
            "One of them." && data=${word#data=} ;;
        *[0-9]*) [ -z "$memory" ] || die "$name: \"$memory\" and \"$word\" are two sizes of memory." \
            "One of them." && memory=$word ;;
        *) die "$name: \"$word\" says nothing of a host." \
            "MiB of memory; baked or unbaked: with the database packages or without (lab/repo serves them); vm or container." ;;
        esac
    done
    if ! [[ $address =~ ^172\.16\.21\.(0|[1-9][0-9]{0,2})$ ]] || [ "${address##*.}" -lt 2 ] ||
        [ "${address##*.}" -gt 254 ]; then
        die "$name: \"$address\" is no address for a host." \
            "The lab's network is 172.16.21.0/24, $HOSTS_GATEWAY is its gateway: take 172.16.21.2 to 172.16.21.254."
    fi
    case " $HOSTS_CLIENTS " in
    *" $address "*) die "$name: $address is kept for clients (lab/hosts add-client-addresses)." \
        "Take one outside of 172.16.21.10 to 172.16.21.15." ;;
    esac
    memory=${memory:-1024} image=${image:-baked} kind=${kind:-vm}
    [[ $memory =~ ^[1-9][0-9]{2,5}$ && $memory -ge 256 ]] || die "$name: \"$memory\" is no size of memory in MiB." \
        "256 is the least that boots; the default is 1024."
    if [ -n "${data+given}" ]; then
        [[ $data =~ ^[1-9][0-9]{0,4}[MG]$ ]] || die "$name: \"data=$data\" is no size of a file system." \
            "Such as data=512M or data=2G."
        [ "$kind" = container ] || die "$name: \"data=$data\" is for containers: a VM of the lab has one disk." \
            "Leave it out, or add :container."
    fi
    [ "$kind" = vm ] || [ ${#name} -le 12 ] || die "$name: the name is too long for a container host's network link." \
        "At most 12 characters."
    echo "$name $address $memory $image $kind ${data:--}"
}

# hosts_key_line LINE: type and key of an SSH public key without its comment, or ends with what is wrong.
hosts_key_line() {
    local type key
    read -r type key _ <<<"$1"
    ssh-keygen -l -f - <<<"$type $key" >/dev/null 2>&1 ||
        die "--authorized-key: \"$1\" is no SSH public key." \
            'Give one line, as in ~/.ssh/id_ed25519.pub: --authorized-key "ssh-ed25519 AAAA…"'
    echo "$type $key"
}
