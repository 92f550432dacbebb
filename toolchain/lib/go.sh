# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# Go, project-local in all it writes: the machine's own where it is new enough, else one taken as a Go module.

# Proxy, checksum database and private modules are the machine's own settings and stay untouched.
go_environment() {
    export GOPATH="$cache/go" GOMODCACHE="$cache/go/mod" GOCACHE="$cache/go/build"
    export GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off
    # The compiler's memory is collected less often: a sixth less CPU for crypto/tls and what it needs, some MiB more.
    export GOGC="${GOGC:-400}"
    export GOFLAGS="-modcacherw -buildvcs=false ${GOFLAGS:-}"
    mkdir -p "$GOMODCACHE" "$GOCACHE"
}

go_version() { "$1" version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p'; }

go_new_enough() {
    local version
    version=$(go_version "$1")
    [ -n "$version" ] && printf '%s\n%s\n' "$go_minimum" "$version" | sort -C -V
}

# find_go: set $go to a Go that can build the modules, fetching one if need be.
find_go() {
    local candidate downloaded
    go_environment
    downloaded="$GOMODCACHE/golang.org/toolchain@$go_module.linux-$(dpkg --print-architecture)/bin/go"
    for candidate in go "$downloaded"; do
        if command -v "$candidate" >/dev/null && go_new_enough "$candidate"; then
            go=$(command -v "$candidate")
            return
        fi
    done
    if ! command -v go >/dev/null; then stage "apt: golang-go" "$here/apt" golang-go; fi
    stage "Go ${go_module#v0.0.1-go} (this machine has $(go_version go))" fetch_go
    go_new_enough "$downloaded" || die "the Go fetched to $downloaded does not run"
    go=$downloaded
}

# A module's zip has no file modes, and an old go restores none: make its programs executable again.
fetch_go() {
    local arch
    arch=$(dpkg --print-architecture)
    (cd "$here/go" && go mod download -x "golang.org/toolchain@$go_module.linux-$arch") &&
        chmod -R u+w "$GOMODCACHE/golang.org/toolchain@$go_module.linux-$arch" &&
        chmod +x "$GOMODCACHE/golang.org/toolchain@$go_module.linux-$arch"/bin/* \
            "$GOMODCACHE/golang.org/toolchain@$go_module.linux-$arch"/pkg/tool/*/*
}

# go_build MODULE PACKAGE FILE [LDFLAGS]: build PACKAGE of the module in toolchain/MODULE; FILE appears when whole.
go_build() {
    mkdir -p "$(dirname "$3")" &&
        (cd "$here/$1" && nice -n 5 "$go" build -v -mod=readonly -trimpath -ldflags "-s -w ${4:-}" -o "$3.new" "$2") &&
        mv "$3.new" "$3"
}

# module_version MODULE DEPENDENCY: the version that toolchain/MODULE/go.mod pins, without its v.
module_version() { sed -n "s|^\(require\)\{0,1\}[[:space:]]*$2 v\([^ ]*\).*|\2|p" "$here/$1/go.mod"; }

# module_dir MODULE DEPENDENCY: where the sources of a dependency lie.
module_dir() { (cd "$here/$1" && "$go" list -mod=readonly -m -f '{{.Dir}}' "$2"); }

# prefetch MODULE…: download in the background what the modules need, while another one is being compiled. Its failure
# is no matter: the build itself downloads what is missing, and says why it cannot.
prefetch() {
    fetch_modules "$@" >"$logs/prefetch.log" 2>&1 9>&- </dev/null &
    prefetcher=$!
    trap 'kill "$prefetcher" 2>/dev/null || true' EXIT
}

fetch_modules() {
    local module
    for module in "$@"; do
        cd "$here/$module" || return
        "$go" list -mod=readonly -deps -tags tools ./... || continue
    done
}
