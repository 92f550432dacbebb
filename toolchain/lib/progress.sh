# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# Visible progress: every stage says what it does, lives on one line on a terminal, and ends with its time.

heartbeat_seconds=20

say() { printf 'toolchain: %s\n' "$*"; }

die() {
    printf 'toolchain: error: %s\n' "$*" >&2
    exit 1
}

# stage TITLE COMMAND…: run COMMAND with its output in a log, and show that it is alive. On failure: the log's end.
# COMMAND runs where the shell ignores `set -e`: a function must chain its steps with &&.
stage() {
    local began=$SECONDS
    run_stage "$@" && return
    say "$1 — failed after $((SECONDS - began)) s; the end of its log:" >&2
    tail -n 15 "$(stage_log "$1")" | sed 's/^/    /' >&2
    say "the whole log: $(stage_log "$1"). Mend the cause and run the same command again: what is done stays done." >&2
    return 1
}

# attempt TITLE COMMAND…: a stage that may fail because there is another way.
attempt() {
    local began=$SECONDS
    run_stage "$@" && return
    say "$1 — cannot be had here ($((SECONDS - began)) s; why: $(stage_log "$1"))"
    return 1
}

stage_log() { printf '%s/%s.log' "$logs" "$(tr -c 'a-zA-Z0-9.\n' '-' <<<"$1")"; }

run_stage() {
    local title=$1 began=$SECONDS log pid status=0
    shift
    log=$(stage_log "$title")
    [ -t 1 ] || say "$title …"
    # A process group of its own, so that an interrupted installation can end all of it.
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    set +m
    trap 'kill -- "-$pid" 2>/dev/null; exit 130' INT TERM
    watch_stage "$pid" "$title" "$began" "$log"
    wait "$pid" || status=$?
    trap - INT TERM
    [ ! -t 1 ] || printf '\r\033[K'
    [ "$status" -eq 0 ] || return "$status"
    say "$title — $((SECONDS - began)) s"
}

watch_stage() {
    local pid=$1 title=$2 began=$3 log=$4 spoke=$SECONDS
    while kill -0 "$pid" 2>/dev/null; do
        if [ -t 1 ]; then
            printf '\r\033[Ktoolchain: %s %d s  %.60s' "$title" "$((SECONDS - began))" "$(tail -n 1 "$log")"
        elif [ $((SECONDS - spoke)) -ge "$heartbeat_seconds" ]; then
            spoke=$SECONDS
            say "$title … $((SECONDS - began)) s: $(tail -n 1 "$log" | cut -c 1-100)"
        fi
        sleep 0.3
    done
}
