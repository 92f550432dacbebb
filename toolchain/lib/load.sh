# shellcheck shell=bash disable=SC1090,SC1091,SC2034,SC2154 # the parts are files of their own and use these variables
# Where everything lies, and the functions of all parts. The caller has set $here to toolchain/.

root=$(dirname "$here")
cache="$root/.cache"
venv="$cache/venv"
bin="$cache/toolchain/bin"
logs="$cache/toolchain/log"
installed="$cache/toolchain/installed"
export PULUMI_HOME="$cache/pulumi-home" PULUMI_SKIP_UPDATE_CHECK=true
go=
durations_file="$root/.state/durations"

. "$here/versions"
for part in durations progress stamps python go build official own parts; do
    . "$here/lib/$part.sh"
done
