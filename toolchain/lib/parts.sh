# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# The parts of Pulumi, each with what it is made from, and the choice of a way for each.

plugin_file() { printf '%s/plugins/resource-%s-v%s/pulumi-resource-%s' "$PULUMI_HOME" "$1" "$2" "$1"; }

# What a part is made from. A test's file changes nothing in the product.
cli_digest() { digest "$here/versions" "$here/lib/build.sh" "$here"/cli/*; }
language_digest() { digest "$here/versions" "$here/lib/build.sh" "$here"/language-python/*; }
plugin_digest() {
    local files
    mapfile -t files < <(find "$here/$1" -type f ! -name '*_test.go' | LC_ALL=C sort)
    printf '%s-%s' "$2" "$(digest "$here/lib/build.sh" "${files[@]}")"
}

# part_is_current PART DIGEST FILE…: as is_current, and made the way that is asked for.
part_is_current() {
    local made
    made=$(stamp_field "$1" way)
    [ "$way" = auto ] || [ "$way" = "$made" ] || return 1
    is_current "$@"
}

install_pulumi() {
    local wanted_cli wanted_language
    wanted_cli=$(cli_digest)
    wanted_language=$(language_digest)
    if ! part_is_current cli "$wanted_cli" "$bin/pulumi" "$bin/pulumi-language-python-exec" ||
        ! part_is_current language "$wanted_language" "$bin/pulumi-language-python"; then
        if [ "$way" = auto ] && try_own_cli; then
            record cli "$wanted_cli" installed "$own_version"
            record language "$wanted_language" installed "$own_version"
        elif [ "$way" != build ] && try_official_cli; then
            record cli "$wanted_cli" official "$official_cli"
            record language "$wanted_language" official "$official_cli"
        else
            refuse_unofficial "the Pulumi CLI"
            build_cli
            record cli "$wanted_cli" build "$(module_version cli github.com/pulumi/pulumi/pkg/v3)"
            build_language
            record language "$wanted_language" build "$(module_version language-python github.com/pulumi/pulumi/sdk/v3)"
        fi
    fi
    install_plugin libvirt "$plugin_libvirt"
    install_plugin command "$plugin_command"
}

# install_plugin NAME VERSION. Where the CLI had to be built, official plugins are not asked for either.
install_plugin() {
    local wanted
    wanted=$(plugin_digest "$1" "$2")
    if part_is_current "$1" "$wanted" "$(plugin_file "$1" "$2")"; then return; fi
    if [ "$way" = auto ] && try_own_plugin "$1" "$2"; then
        record "$1" "$wanted" installed "$2"
    elif [ "$way" != build ] && [ "$(stamp_field cli way)" != build ] && try_official_plugin "$1" "$2"; then
        record "$1" "$wanted" official "$2"
    else
        refuse_unofficial "the plugin $1 $2"
        build_plugin "$1" "$2"
        record "$1" "$wanted" build "$2"
    fi
}

refuse_unofficial() {
    [ "$way" != official ] ||
        die "$1 could not be downloaded, and MARIADB_HA_TOOLCHAIN=official forbids building it. Check the network, \
or set it to auto"
}

# check_parts: a line per part; 1 if one is missing or out of date.
check_parts() {
    local failed=0
    if [ ! -d "$installed" ]; then
        say "nothing is installed; run toolchain/install"
        return 1
    fi
    check_part venv "$(venv_digest)" "$venv/bin/python" || failed=1
    check_part cli "$(cli_digest)" "$bin/pulumi" || failed=1
    check_part language "$(language_digest)" "$bin/pulumi-language-python" || failed=1
    check_part libvirt "$(plugin_digest libvirt "$plugin_libvirt")" "$(plugin_file libvirt "$plugin_libvirt")" ||
        failed=1
    check_part command "$(plugin_digest command "$plugin_command")" "$(plugin_file command "$plugin_command")" ||
        failed=1
    return "$failed"
}

# The environment comes one way only, whatever is asked for Pulumi.
check_part() {
    local state=current status=0 way=$way
    [ "$1" != venv ] || way=auto
    part_is_current "$@" || { state="missing or out of date: run toolchain/install"; status=1; }
    printf '%-10s %-9s %-9s %s\n' "$1" "$(stamp_field "$1" version)" "$(stamp_field "$1" way)" "$state"
    return "$status"
}
