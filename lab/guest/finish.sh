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

# Units that only cost time in a disposable guest.
mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer logrotate.timer man-db.timer motd-news.timer \
    systemd-networkd-wait-online.service cloud-init-hotplugd.socket \
    systemd-pstore.service getty@tty1.service
systemctl enable --quiet systemd-networkd.service

# cloud-init is always wanted: no generator has to find out at each boot.
mkdir -p /etc/systemd/system-generators /etc/systemd/system/multi-user.target.wants
ln -sf /dev/null /etc/systemd/system-generators/cloud-init-generator
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
