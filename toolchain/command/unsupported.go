package main

import (
	"context"
	"fmt"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// elsewhere lists what pulumi-command 1.2.1 offers beyond the two Command resources.
var elsewhere = map[tokens.Type]bool{
	"command:local:run":           true,
	"command:remote:CopyFile":     true,
	"command:remote:CopyToRemote": true,
}

// refuseOthers answers a request for a part that only the official plugin has, before anything is touched.
func refuseOthers(p provider.Provider) provider.Provider {
	check, invoke := p.Check, p.Invoke
	p.Check = func(ctx context.Context, req provider.CheckRequest) (provider.CheckResponse, error) {
		if elsewhere[req.Urn.Type()] {
			return provider.CheckResponse{}, unsupported(req.Urn.Type())
		}
		return check(ctx, req)
	}
	p.Invoke = func(ctx context.Context, req provider.InvokeRequest) (provider.InvokeResponse, error) {
		if elsewhere[tokens.Type(req.Token)] {
			return provider.InvokeResponse{}, unsupported(tokens.Type(req.Token))
		}
		return invoke(ctx, req)
	}
	return p
}

func unsupported(token tokens.Type) error {
	return fmt.Errorf("%s is not part of this build of the command plugin, which stands in for the official one with "+
		"command:local:Command and command:remote:Command only; nothing was run. Install the official plugin: "+
		"`pulumi plugin install resource command %s`", token, version)
}
