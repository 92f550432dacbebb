# shellcheck shell=bash
# How long things took on this machine, for what `make up` says at its start. `durations_file`: a line KEY=SECONDS for each,
# the last one written counts. It lies in .state: .cache may be thrown away, and that is when the figures are wanted.

durations_file=${durations_file:?where the figures lie}

# duration KEY: seconds that it took the last time; nothing where that is not known.
duration() { sed -n "s/^$1=\([0-9][0-9]*\)$/\1/p" "$durations_file" 2>/dev/null | tail -n 1; }

# keep_duration KEY SECONDS: never a reason to fail.
keep_duration() {
    local kept
    mkdir -p "${durations_file%/*}" 2>/dev/null || return 0
    kept=$(grep -v "^$1=" "$durations_file" 2>/dev/null || true)
    { printf '%s\n' "$kept" "$1=$2" | sed '/^$/d' >"$durations_file.new.$$" &&
        mv -f "$durations_file.new.$$" "$durations_file"; } 2>/dev/null || rm -f "$durations_file.new.$$"
}
