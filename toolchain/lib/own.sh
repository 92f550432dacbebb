# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# A Pulumi that this machine has already. It is copied: what the machine's owner does with it later changes nothing here.

# own_fits VERSION: as new as what is built here, and of the same major version as the SDK.
own_fits() {
    local oldest
    oldest=$(module_version cli github.com/pulumi/pulumi/pkg/v3)
    [[ $1 =~ ^3\.[0-9]+\.[0-9]+$ ]] && printf '%s\n%s\n' "$oldest" "$1" | sort -C -V
}

# find_own_cli: sets own_cli (a folder) and own_version to the first Pulumi on PATH that fits and has the language host for Python
# beside it. That of a checkout of this project does not count.
find_own_cli() {
    local candidate file folder
    while read -r candidate; do
        file=$(readlink -f "$candidate")
        folder=${file%/*}
        case $folder in */.cache/toolchain/*) continue ;; esac
        own_version=$("$file" version 2>/dev/null) || continue
        own_version=${own_version#v}
        if ! own_fits "$own_version"; then
            say "Pulumi $own_version in $folder is not used: 3.x from $(module_version cli github.com/pulumi/pulumi/pkg/v3) on fits"
        elif [ ! -x "$folder/pulumi-language-python" ] || [ ! -x "$folder/pulumi-language-python-exec" ]; then
            say "Pulumi $own_version in $folder is not used: it has no language host for Python"
        else
            own_cli=$folder
            return
        fi
    done < <(type -ap pulumi)
    return 1
}

# try_own_cli: the machine's own CLI and language host; false where none fits.
try_own_cli() {
    local name
    find_own_cli || return
    for name in pulumi pulumi-language-python pulumi-language-python-exec pulumi-resource-pulumi-python \
        pulumi-analyzer-policy-python; do
        [ -e "$own_cli/$name" ] || continue
        cp --reflink=auto -L "$own_cli/$name" "$bin/$name.new" && mv "$bin/$name.new" "$bin/$name" || return
    done
    say "Pulumi $own_version, as installed in $own_cli"
}

# try_own_plugin NAME VERSION: likewise, of this very version.
try_own_plugin() {
    local there=$HOME/.pulumi/plugins/resource-$1-v$2 here
    here=$(dirname "$(plugin_file "$1" "$2")")
    [ -x "$there/pulumi-resource-$1" ] && [ "$there" != "$here" ] || return
    rm -rf "$here" && mkdir -p "${here%/*}" && cp -RL "$there" "$here" && say "Pulumi plugin $1 $2, as installed in $there"
}
