// Command pulumi-resource-libvirt serves Terraform's libvirt provider 0.8.3 to Pulumi through the Terraform bridge.
//
// It stands in for the official plugin libvirt 0.5.4 on machines that cannot download it. It gives each resource
// the token that PyPI's pulumi_libvirt 0.5.4 asks for; names of properties follow the bridge's own rules, as there.
package main

import (
	"github.com/dmacvicar/terraform-provider-libvirt/libvirt"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// version is the SDK's version that this plugin answers for; toolchain/install sets it.
var version = "0.5.4"

func main() {
	defer libvirt.CleanupLibvirtConnections()
	tfbridge.Main(packageName, version, provider(), []byte("{}"))
}
