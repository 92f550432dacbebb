// Command pulumi-resource-command is a COMPATIBILITY PART: it takes the place of the official plugin
// pulumi-command 1.2.1 on machines that cannot download it, and is replaced by that plugin wherever it can be had.
//
// The resources command:local:Command and command:remote:Command have the official tokens, inputs, outputs, defaults
// and replace/update/delete behaviour. Everything else of the official plugin answers with an error that says so.
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"
)

// version is the official version whose behaviour this plugin has; toolchain/install sets it.
var version = "1.2.1"

func main() {
	if err := provider.RunProvider(context.Background(), packageName, version, newProvider()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command: %v\n", err)
		os.Exit(1)
	}
}
