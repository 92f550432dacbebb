# shellcheck shell=bash
# Forwarded ports of the lab: are they there, end them. Sourced by forward and stop.

# forward_alive PORT: the recorded process lives and is a socat of that port.
forward_alive() {
    local pid
    pid=$(cat "$LAB_RUN/forward-$1.pid" 2>/dev/null) && [ -n "$pid" ] &&
        tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "^socat TCP-LISTEN:$1,"
}

forward_end() {
    ! forward_alive "$1" || kill "$(cat "$LAB_RUN/forward-$1.pid")" 2>/dev/null || true
    rm -f "$LAB_RUN/forward-$1.pid" "$LAB_RUN/forward-$1.target"
}

# forward_ports: the ports that are recorded.
forward_ports() {
    local file
    for file in "$LAB_RUN"/forward-*.pid; do
        [ ! -e "$file" ] || { file=${file##*/forward-} && echo "${file%.pid}"; }
    done
}
