#!/usr/bin/env bash
# plan.sh BASE FILE STACK…: what the checkout changes of these stacks, compared with the commit BASE, as Markdown in FILE.
#
# Needs no host, no state and no secret: it may run with anybody's code, as long as the job has nothing to steal.
# Ends with 0 (nothing changes, or it can be done), 2 (refused: FILE says why) or 3 (no plan could be made).
set -euo pipefail
if [ $# -lt 3 ]; then
    sed -n '2p' "$0" >&2
    exit 2
fi
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
base=$1 file=$2
shift 2
most=$((60000 / $#))
worst=0
mkdir -p "$(dirname "$file")"
: >"$file.new"
for stack in "$@"; do
    code=0
    "$root/hactl" plan --stack "$stack" --against "$base" --markdown --most "$most" >>"$file.new" || code=$?
    echo >>"$file.new"
    case $code in
    0) echo "plan of $stack: made" ;;
    2) echo "plan of $stack: refused; see $file" ;;
    *)
        echo "plan of $stack: none could be made" >&2
        printf '### Plan of stack %s: none could be made\n\nThe job says why.\n\n' "$stack" >>"$file.new"
        ;;
    esac
    [ "$code" -le "$worst" ] || worst=$code
done
mv "$file.new" "$file"
exit "$worst"
