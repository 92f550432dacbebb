# shellcheck shell=bash disable=SC2034 # names for the scripts that source this file
# Common ground of the lab's scripts: paths, names, messages. Sourced, never run.
#
# One checkout may run several labs side by side (LAB_NAME, default "default"); every name that
# is seen outside the checkout (network namespace, /run directory) carries six hex digits of the
# checkout's path, so that two checkouts never meet either.

LAB_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# Where nobody names a lab, it is the one in which the stack (STACK) was made, else "default".
if [ -z "${LAB_NAME-}" ] && [ -n "${STACK-}" ] && [ -r "$LAB_ROOT/.state/$STACK/lab" ]; then
    LAB_NAME=$(head -n 1 "$LAB_ROOT/.state/$STACK/lab")
    [ "$LAB_NAME" != - ] || LAB_NAME=
fi
LAB_NAME=${LAB_NAME:-default}
LAB_CACHE=$LAB_ROOT/.cache
LAB_STATE=$LAB_ROOT/.state/lab/$LAB_NAME
LAB_SECONDS=$SECONDS
export LC_ALL=C.UTF-8 # the tools' output is parsed
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Progress: seconds since the script began, then what it is doing.
step() { printf '%s: [%4ds] %s\n' "${0##*/}" "$((SECONDS - LAB_SECONDS))" "$*" >&2; }

# die MESSAGE [WHAT-TO-DO]: ends with code 1.
die() {
    say "error: $1"
    [ $# -lt 2 ] || say "       $2"
    exit 1
}

case $LAB_NAME in
'' | *[!a-z0-9]* | ?????????*)
    die "LAB_NAME is \"$LAB_NAME\": 1 to 8 lower-case letters and digits are allowed." \
        "It becomes part of a network namespace's and a socket's name."
    ;;
esac

LAB_ID=mha-$(printf %s "$LAB_ROOT" | sha256sum | cut -c1-6)-$LAB_NAME
LAB_RUN=/run/$LAB_ID
LAB_SOCKET=/run/$LAB_ID/libvirt/libvirt-sock
LAB_URI="qemu+unix:///system?socket=/run/$LAB_ID/libvirt/libvirt-sock"

# as_root SCRIPT ARGS…: runs the calling script again through sudo when it is not root.
as_root() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || die "this needs root, and sudo is not installed." "Run it as root."
    mkdir -p "$LAB_ROOT/.cache" "$LAB_ROOT/.state" # the user's own, whatever root puts into them
    exec sudo --preserve-env=LAB_NAME,STACK -- "$@"
}

# have COMMAND…: true when all of them are on PATH.
have() {
    local command
    for command; do command -v "$command" >/dev/null || return 1; done
}
