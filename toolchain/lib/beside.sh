# shellcheck shell=bash
# The guest image, made beside the toolchain. Sourced by deploy/begin and tests/prepare, which run in the project's root.

durations_file=$PWD/.state/durations
# shellcheck source=toolchain/lib/durations.sh
. toolchain/lib/durations.sh

image_log=.cache/toolchain/log/guest-image.log
image_maker=

# begin_image: in the background, in a process group of its own, so that an interrupted caller ends all of it. Whether it works is
# no matter here: what is missing afterwards is made then, and its words are seen.
begin_image() {
    mkdir -p "${image_log%/*}"
    echo "guest image: begun beside the toolchain (log: $image_log)"
    set -m
    make_image >"$image_log" 2>&1 </dev/null &
    image_maker=$!
    set +m
    trap 'end_image; exit 130' INT
    trap 'end_image; exit 143' TERM
    trap end_image EXIT
}

make_image() {
    local began=$SECONDS
    lab/install || return
    [ $((SECONDS - began)) -lt 3 ] || keep_duration lab-packages "$((SECONDS - began))"
    began=$SECONDS
    lab/image >/dev/null || return
    keep_duration guest-image "$((SECONDS - began))"
}

end_image() {
    [ -z "$image_maker" ] || kill -- "-$image_maker" 2>/dev/null || true
}

# wait_for_image: until it is made or given up, and says which; nothing where it was not begun.
wait_for_image() {
    local said="made beside the toolchain"
    [ -n "$image_maker" ] || return 0
    ! kill -0 "$image_maker" 2>/dev/null || echo "guest image: waiting for it; $(tail -n 1 "$image_log")"
    wait "$image_maker" || said="could not be made beside the toolchain, so once more below"
    image_maker=
    trap - INT TERM EXIT
    echo "guest image: $said"
}
