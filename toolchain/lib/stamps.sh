# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# What is installed, from what, and which way: one file per part, named after it, in .cache/toolchain/installed.

# digest FILE…: one digest of the files' names and contents, whatever the order of the arguments.
digest() { sha256sum -- "$@" | LC_ALL=C sort -k 2 | sha256sum | cut -d ' ' -f 1; }

# is_current PART DIGEST FILE…: whether PART was made from these inputs and all its files are still there.
is_current() {
    local part=$1 wanted=$2 file
    shift 2
    [ "$(stamp_field "$part" digest)" = "$wanted" ] || return 1
    for file in "$@"; do [ -e "$file" ] || return 1; done
}

part_began=$SECONDS

# record PART DIGEST WAY VERSION: note a finished part; the last step of making it. How long it took is kept where nothing of it was
# there before: a part that is made again finds most of it compiled.
record() {
    [ -f "$installed/$1" ] || keep_duration "toolchain-$1" "$((SECONDS - part_began))"
    part_began=$SECONDS
    printf 'digest=%s\nway=%s\nversion=%s\n' "$2" "$3" "$4" >"$installed/$1.new"
    mv "$installed/$1.new" "$installed/$1"
}

stamp_field() { [ ! -f "$installed/$1" ] || sed -n "s/^$2=//p" "$installed/$1"; }
