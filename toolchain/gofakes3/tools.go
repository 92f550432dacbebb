//go:build tools

// Package gofakes3 pins an S3-compatible object store that keeps everything in memory, for a test; toolchain/tools
// builds it from here.
package gofakes3

import _ "github.com/johannesboyne/gofakes3/cmd/gofakes3"
