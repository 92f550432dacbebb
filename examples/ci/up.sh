#!/usr/bin/env bash
# up.sh preview|up STACK: plain Pulumi on a stack whose state lies in PULUMI_BACKEND_URL, from a runner that reaches its
# hosts.
#
# The environment has PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE (or _FILE), and what the backend wants (AWS_…).
# Nothing of it is printed: values that Pulumi knows for secrets are masked by it, and no command is traced.
set -euo pipefail
set +x
if [ $# -ne 2 ] || { [ "$1" != preview ] && [ "$1" != up ]; }; then
    sed -n '2,3p' "$0" >&2
    exit 2
fi
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
    echo "up.sh: PULUMI_BACKEND_URL is not set: the state would be made anew in this checkout, beside the living one." >&2
    exit 2
fi
if [ -z "${PULUMI_CONFIG_PASSPHRASE:-}${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
    echo "up.sh: neither PULUMI_CONFIG_PASSPHRASE nor PULUMI_CONFIG_PASSPHRASE_FILE is set: the settings' secrets" >&2
    echo "       cannot be read." >&2
    exit 2
fi
cd "$root"
toolchain/install
if [ "$1" = preview ]; then
    exec toolchain/run pulumi preview --diff --non-interactive --stack "$2"
fi
exec toolchain/run pulumi up --yes --non-interactive --stack "$2"
