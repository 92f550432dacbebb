package main

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// sdk lists the inputs that PyPI's pulumi_libvirt 0.5.4 sends for each resource; a nested object's follow its dot.
var sdk = map[string][]string{
	"libvirt_cloudinit_disk": {"metaData", "name", "networkConfig", "pool", "userData"},
	"libvirt_combustion":     {"content", "name", "pool"},
	"libvirt_domain": {
		"arch", "autostart", "bootDevices", "cloudinit", "cmdlines", "consoles", "coreosIgnition", "cpu", "description",
		"disks", "emulator", "filesystems", "firmware", "fwCfgName", "graphics", "initrd", "kernel", "machine",
		"memory", "metadata", "name", "networkInterfaces", "nvram", "qemuAgent", "running", "tpm", "type", "vcpu", "video", "xml",
	},
	"libvirt_ignition": {"content", "name", "pool"},
	"libvirt_network": {
		"addresses", "autostart", "bridge", "dhcp", "dns", "dnsmasqOptions", "domain", "mode", "mtu", "name", "routes", "xml",
	},
	"libvirt_pool":   {"allocation", "available", "capacity", "name", "path", "source", "target", "type", "xml"},
	"libvirt_volume": {"baseVolumeId", "baseVolumeName", "baseVolumePool", "format", "name", "pool", "size", "source", "xml"},
}

// single are the blocks that the SDK sends as one object; it sends the others as lists.
var single = map[string][]string{
	"libvirt_domain":  {"cpu", "graphics", "nvram", "tpm", "video", "xml"},
	"libvirt_network": {"dhcp", "dns", "dnsmasqOptions", "xml"},
	"libvirt_pool":    {"source", "target", "xml"},
	"libvirt_volume":  {"xml"},
}

func TestEveryResourceTakesTheSDKsInputs(t *testing.T) {
	info := provider()
	for name, want := range sdk {
		schemas := info.P.ResourcesMap().Get(name).Schema()
		var got, gotSingle []string
		schemas.Range(func(key string, property shim.Schema) bool {
			if !property.Optional() && !property.Required() {
				return true
			}
			pulumi := tfbridge.TerraformToPulumiNameV2(key, schemas, nil)
			got = append(got, pulumi)
			if tfbridge.IsMaxItemsOne(property, nil) {
				gotSingle = append(gotSingle, pulumi)
			}
			return true
		})
		slices.Sort(got)
		slices.Sort(gotSingle)
		if !slices.Equal(got, want) {
			t.Errorf("%s takes\n%v, the SDK sends\n%v", name, got, want)
		}
		if !slices.Equal(gotSingle, single[name]) {
			t.Errorf("%s takes one object for %v, the SDK sends one for %v", name, gotSingle, single[name])
		}
	}
}

func TestEveryResourceAndFunctionHasAToken(t *testing.T) {
	info := provider()
	for name, resource := range info.Resources {
		if info.P.ResourcesMap().Get(name) == nil {
			t.Errorf("%s (%s) is not a resource of the Terraform provider", name, resource.Tok)
		}
	}
	if got, want := len(info.Resources), info.P.ResourcesMap().Len(); got != want {
		t.Errorf("%d resources of %d have a token", got, want)
	}
	if got, want := len(info.DataSources), info.P.DataSourcesMap().Len(); got != want {
		t.Errorf("%d data sources of %d have a token", got, want)
	}
}
