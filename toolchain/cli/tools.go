//go:build tools

// Package cli pins the Pulumi CLI; toolchain/install builds it from here.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
