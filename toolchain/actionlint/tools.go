//go:build tools

// Package actionlint pins the linter of GitHub's workflows; toolchain/tools builds it from here.
package actionlint

import _ "github.com/rhysd/actionlint/cmd/actionlint"
