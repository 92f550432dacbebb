//go:build tools

// Package languagepython pins the Pulumi language host for Python; toolchain/install builds it from here.
package languagepython

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
