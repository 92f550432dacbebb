package main

import (
	"github.com/dmacvicar/terraform-provider-libvirt/libvirt"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

const (
	packageName = "libvirt"
	moduleName  = "index"
)

// provider maps the Terraform provider to Pulumi's tokens.
func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(libvirt.Provider()),
		Name:    packageName,
		Version: version,
		Config: map[string]*tfbridge.SchemaInfo{
			"uri": {Default: &tfbridge.DefaultInfo{EnvVars: []string{"LIBVIRT_DEFAULT_URI"}}},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"libvirt_cloudinit_disk": {Tok: resource("CloudInitDisk")},
			"libvirt_combustion":     {Tok: resource("Combustion")},
			"libvirt_domain":         {Tok: resource("Domain")},
			"libvirt_ignition":       {Tok: resource("Ignition")},
			"libvirt_network":        {Tok: resource("Network")},
			"libvirt_pool":           {Tok: resource("Pool")},
			"libvirt_volume":         {Tok: resource("Volume")},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"libvirt_network_dns_host_template":        {Tok: dataSource("getNetworkDnsHostTemplate")},
			"libvirt_network_dns_srv_template":         {Tok: dataSource("getNetworkDnsSrvTemplate")},
			"libvirt_network_dnsmasq_options_template": {Tok: dataSource("getNetworkDnsmasqOptionsTemplate")},
			"libvirt_node_device_info":                 {Tok: dataSource("getNodeDeviceInfo")},
			"libvirt_node_devices":                     {Tok: dataSource("getNodeDevices")},
			"libvirt_node_info":                        {Tok: dataSource("getNodeInfo")},
		},
	}
	// The official plugin names what the program leaves unnamed in this way.
	info.SetAutonaming(255, "-")
	return info
}

func resource(name string) tokens.Type {
	return tfbridge.MakeResource(packageName, moduleName, name)
}

func dataSource(name string) tokens.ModuleMember {
	return tfbridge.MakeDataSource(packageName, moduleName, name)
}
