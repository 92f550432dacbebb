# shellcheck shell=bash
# What the machine's apt knows about its Debian mirror: sources, keys, proxies. Sourced.

# apt_sources SUITE: the machine's configured Debian sources of SUITE in sources.list(5) form.
apt_sources() {
    local suite=$1 lines
    lines=$(apt_targets "$suite")
    if [ -z "$lines" ]; then
        apt-get -q update >&2 || true
        lines=$(apt_targets "$suite")
    fi
    [ -n "$lines" ] || die "this machine's apt has no Debian mirror with $suite." \
        "Add one to /etc/apt/sources.list and run apt-get update."
    printf '%s\n' "$lines"
}

# The release file says what a source is, whatever its address: a mirror has any name.
apt_targets() {
    # shellcheck disable=SC2016 # apt's own fields
    apt-get indextargets 'Created-By: Packages' 'Origin: Debian' 'Component: main' \
        "Architecture: $(dpkg --print-architecture)" --format 'deb $(REPO_URI) $(RELEASE) main' |
        awk -v suite="$1" '$3 == suite || index($3, suite "-") == 1 || index($3, suite "/") == 1' |
        grep -v -e '-backports' | sort -u
}

# apt_options: the machine's proxy, certificate and validity settings in apt.conf(5) form.
apt_options() {
    apt-config dump | grep '^Acquire::' |
        grep -v -e '^Acquire::IndexTargets' -e '^Acquire::Changelogs' -e '^Acquire::Languages' \
            -e '^Acquire::CompressionTypes' -e ' "";$' || true
}

# apt_keys DIRECTORY: copies the keys with which the machine's apt trusts its sources.
apt_keys() {
    local keys=$1 file
    for file in /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/* /etc/apt/keyrings/* \
        /usr/share/keyrings/debian-archive-*; do
        case $file in
        *removed-keys*) ;;
        *.gpg | *.asc) [ ! -s "$file" ] || cp -L "$file" "$keys/" ;;
        esac
    done
}
