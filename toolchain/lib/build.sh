# shellcheck shell=bash disable=SC2154 # variables of toolchain/install and toolchain/versions
# The parts as built from Go modules, for machines that reach package registries only.

build_cli() {
    local version sdk
    version=$(module_version cli github.com/pulumi/pulumi/pkg/v3)
    find_go
    prefetch language-python libvirt command
    stage "Pulumi CLI $version, built from Go modules" go_build cli github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$bin/pulumi" \
        "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version -X github.com/pulumi/pulumi/pkg/v3/version.Version=$version"
    sdk=$(module_dir cli github.com/pulumi/pulumi/sdk/v3)/python
    # The language host and the engine start these by name from PATH.
    install -m 755 "$sdk/cmd/pulumi-language-python-exec" "$sdk/dist/pulumi-resource-pulumi-python" \
        "$sdk/dist/pulumi-analyzer-policy-python" "$bin/"
}

build_language() {
    local version
    version=$(module_version language-python github.com/pulumi/pulumi/sdk/v3)
    find_go
    stage "Pulumi language host for Python $version, built from Go modules" \
        go_build language-python github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python "$bin/pulumi-language-python" \
        "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version"
}

# build_plugin NAME VERSION
build_plugin() {
    find_go
    stage "Pulumi plugin $1 $2, built from Go modules" \
        go_build "$1" . "$(plugin_file "$1" "$2")" "-X main.version=$2"
}
