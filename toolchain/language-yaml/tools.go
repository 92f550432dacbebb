//go:build tools

// Package languageyaml pins the Pulumi language host for YAML; toolchain/languages builds it from here.
package languageyaml

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
