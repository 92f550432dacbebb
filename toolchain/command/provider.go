package main

import (
	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"

	"mariadb-ha/toolchain/command/local"
	"mariadb-ha/toolchain/command/remote"
)

const packageName = "command"

// newProvider serves the two Command resources and refuses the rest by name.
func newProvider() provider.Provider {
	return refuseOthers(infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			DisplayName: "Command",
			Description: "Compatibility part for pulumi-command 1.2.1: local and remote commands only.",
			License:     "Apache-2.0",
		},
		Resources: []infer.InferredResource{
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
		},
	}))
}
