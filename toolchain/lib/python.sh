# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# The project's virtual environment, from the hash-locked requirements.

python_new_enough() {
    "$1" -c "import sys; sys.exit(sys.version_info < (${python_minimum/./, }))" 2>/dev/null
}

# find_python: Debian's own Python first (its venv module comes from apt), else the one on PATH.
find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3; do
        if python_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# The files that say what is in the environment; the lead one must exist.
requirements() {
    printf '%s\n' "$root/requirements.txt"
    [ ! -f "$root/requirements-dev.txt" ] || printf '%s\n' "$root/requirements-dev.txt"
}

venv_digest() {
    local python files
    mapfile -t files < <(requirements)
    python=$(find_python) || return
    printf '%s-%s' "$(digest "${files[@]}")" "$("$python" -c 'import sys; print(sys.version.split()[0])')"
}

install_venv() {
    local python wanted files
    [ -f "$root/requirements.txt" ] || die "requirements.txt is missing in $root: the Python environment cannot be made"
    find_python >/dev/null || stage "apt: python3" "$here/apt" python3 python3-venv
    python=$(find_python) ||
        die "Python $python_minimum or newer is needed, $(/usr/bin/python3 --version) was found. Use Debian 12 or newer"
    wanted=$(venv_digest)
    if is_current venv "$wanted" "$venv/bin/python" "$venv/bin/pip"; then return; fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        stage "apt: python3-venv" "$here/apt" python3-venv
    fi
    mapfile -t files < <(requirements)
    rm -f "$installed/venv" # it is not what it was from here on
    stage "Python environment" make_venv "$python" "${files[@]}"
    record venv "$wanted" pip "$("$venv/bin/python" --version | cut -d ' ' -f 2)"
}

make_venv() {
    local python=$1 file arguments=()
    shift
    for file in "$@"; do arguments+=(-r "$file"); done
    "$python" -m venv --clear "$venv" &&
        "$venv/bin/python" -m pip install --disable-pip-version-check --no-compile --require-hashes "${arguments[@]}"
}
