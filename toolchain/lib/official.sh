# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# The parts as their makers release them. The addresses are those that Pulumi's own tools know.

probe_seconds=10
download_seconds=600

# official_cli_into DIR: Pulumi's own installer through the Automation API. A machine that cannot reach it finds out
# within the probe's time and not after a system's connect timeout.
official_cli_into() {
    command -v curl >/dev/null || "$here/apt" curl ca-certificates
    timeout "$download_seconds" "$venv/bin/python" - "$1" "$official_cli" "$probe_seconds" <<'PYTHON'
import socket
import sys

from pulumi.automation import PulumiCommand
from semver import VersionInfo

root, version, seconds = sys.argv[1:]
socket.setdefaulttimeout(float(seconds))
PulumiCommand.install(root=root, version=VersionInfo.parse(version))
PYTHON
}

# try_official_cli: the CLI and its language hosts, linked into the toolchain's own bin; false where there is no way.
try_official_cli() {
    local file
    attempt "Pulumi CLI $official_cli, official release" official_cli_into "$cache/toolchain/official" || return
    for file in "$cache"/toolchain/official/bin/*; do ln -sfn "$file" "$bin/${file##*/}"; done
}

# try_official_plugin NAME VERSION
try_official_plugin() {
    attempt "Pulumi plugin $1 $2, official release" \
        timeout "$download_seconds" "$bin/pulumi" plugin install resource "$1" "$2" --reinstall
}
