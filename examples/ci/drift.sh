#!/usr/bin/env bash
# drift.sh STACK: whether hosts still have what the tree says: files changed by hand, and resources that would change.
#
# The environment is that of up.sh, and SSH_KEY_FILE, the private key that hosts admit. Ends with 0, or 1 for drift.
set -euo pipefail
set +x
if [ $# -ne 1 ]; then
    sed -n '2p' "$0" >&2
    exit 2
fi
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
: "${PULUMI_BACKEND_URL:?drift.sh: PULUMI_BACKEND_URL is not set: nothing says where the state lies}"
: "${SSH_KEY_FILE:?drift.sh: SSH_KEY_FILE is not set: no host would let this job in}"
cd "$root"
toolchain/install
eval "$(ssh-agent -s)" >/dev/null
trap 'kill "$SSH_AGENT_PID"' EXIT
ssh-add -q "$SSH_KEY_FILE"
worst=0
toolchain/run pulumi preview --diff --expect-no-changes --non-interactive --stack "$1" || worst=1
toolchain/run ./hactl inventory --stack "$1"
./hactl drift --stack "$1" || worst=1
exit "$worst"
