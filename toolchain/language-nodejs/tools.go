//go:build tools

// Package languagenodejs pins the Pulumi language host for TypeScript; toolchain/languages builds it from here.
package languagenodejs

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
