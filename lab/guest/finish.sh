#!/bin/sh
# Runs in the guest's root directory (chroot) when all packages are there.
set -eu

mask() {
    for unit; do ln -sf /dev/null "/etc/systemd/system/$unit"; done
}

# What the plan starts is not started by the image.
for service in mariadb keepalived haproxy nginx drbd garb chrony nftables; do
    if [ -e "/lib/systemd/system/$service.service" ] || [ -e "/etc/init.d/$service" ]; then
        systemctl disable --quiet "$service.service" 2>/dev/null
    fi
done

# Units that only cost time in a disposable guest: housekeeping, kinds of storage and consoles it
# does not have, and file systems and modules that nobody uses or that load when somebody does.
mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer logrotate.timer man-db.timer motd-news.timer
mask systemd-networkd-wait-online.service systemd-network-generator.service \
    cloud-init-hotplugd.socket ipvsadm.service
mask systemd-pstore.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
    systemd-firstboot.service systemd-repart.service systemd-sysusers.service \
    systemd-pcrphase.service systemd-pcrphase-sysinit.service systemd-hwdb-update.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-ask-password-console.path systemd-ask-password-wall.path
mask cryptsetup.target veritysetup.target integritysetup.target getty@tty1.service
mask sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-tracing.mount \
    dev-hugepages.mount modprobe@fuse.service modprobe@drm.service modprobe@loop.service \
    modprobe@dm_mod.service modprobe@configfs.service modprobe@efi_pstore.service
# DRBD is loaded by its first resource, not in guests that have none.
ln -sf /dev/null /etc/modules-load.d/drbd.conf
systemctl enable --quiet systemd-networkd.service

# Generators run one by one at each boot. cloud-init is always wanted, so none has to find out.
mkdir -p /etc/systemd/system-generators /etc/systemd/system/multi-user.target.wants
for generator in cloud-init cryptsetup debug gpt-auto hibernate-resume integritysetup rc-local \
    run system-update sysv veritysetup; do
    case $generator in
    cloud-init) name=cloud-init-generator ;;
    *) name=systemd-$generator-generator ;;
    esac
    ln -sf /dev/null "/etc/systemd/system-generators/$name"
done
ln -sf /lib/systemd/system/cloud-init.target /etc/systemd/system/multi-user.target.wants/cloud-init.target

# Nothing of the machine that built the image, and nothing that must differ between guests.
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/apt/sources.list \
    /etc/apt/apt.conf.d/99mmdebstrap /etc/resolv.conf /var/lib/dbus/machine-id
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /var/lib/cloud
mkdir -p /var/lib/apt/lists/partial /var/cache/apt/archives/partial
: >/etc/machine-id
echo localhost >/etc/hostname
printf 'UUID=%s / ext4 errors=remount-ro,noatime 0 0\n' "$1" >/etc/fstab
passwd --quiet --lock root
