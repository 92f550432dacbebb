# shellcheck shell=bash
# Forwarded ports of the lab: are they there, whose are they, end them. Sourced by forward, status and stop.

# forward_field target|owner PORT
forward_field() { cat "$LAB_RUN/forward-$2.$1" 2>/dev/null || true; }

# forward_alive PORT: the recorded process lives and is a socat of that port.
forward_alive() {
    local pid
    pid=$(cat "$LAB_RUN/forward-$1.pid" 2>/dev/null) && [ -n "$pid" ] &&
        tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "^socat TCP-LISTEN:$1,"
}

# forward_listens PORT: the recorded process itself holds the port.
forward_listens() {
    forward_alive "$1" && ss -Hltnp "sport = :$1" | grep -q "pid=$(cat "$LAB_RUN/forward-$1.pid"),"
}

# forward_end PORT: the port is free when it returns.
forward_end() {
    local pid
    if forward_alive "$1" && pid=$(cat "$LAB_RUN/forward-$1.pid") && kill "$pid" 2>/dev/null; then
        timeout 5 tail --pid="$pid" --sleep-interval=0.1 -f /dev/null || kill -9 "$pid" 2>/dev/null || true
    fi
    rm -f "$LAB_RUN/forward-$1".{pid,target,owner}
}

# forward_ports: the ports that are recorded.
forward_ports() {
    local file
    for file in "$LAB_RUN"/forward-*.pid; do
        [ ! -e "$file" ] || { file=${file##*/forward-} && echo "${file%.pid}"; }
    done
}
