package local

import (
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// collect finds the files asked for under dir, by the rules in the inputs' descriptions.
func (c *CommandOutputs) collect(dir string) error {
	if c.AssetPaths != nil {
		assets, err := find(dir, *c.AssetPaths)
		if err != nil {
			return err
		}
		c.Assets = &assets
	}
	if c.ArchivePaths != nil {
		assets, err := find(dir, *c.ArchivePaths)
		if err != nil {
			return err
		}
		members := make(map[string]any, len(assets))
		for name, asset := range assets {
			members[name] = asset
		}
		if c.Archive, err = resource.NewAssetArchive(members); err != nil {
			return err
		}
	}
	return nil
}

// rule is one glob; one that excludes takes out what the rules before it put in.
type rule struct {
	glob.Glob
	excludes bool
}

func parse(patterns []string) ([]rule, error) {
	rules := make([]rule, 0, len(patterns))
	for _, pattern := range patterns {
		bare, excludes := strings.CutPrefix(pattern, "!")
		compiled, err := glob.Compile(bare, '/')
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule{compiled, excludes})
	}
	return rules, nil
}

func find(dir string, patterns []string) (map[string]*resource.Asset, error) {
	rules, err := parse(patterns)
	if err != nil {
		return nil, err
	}
	assets := map[string]*resource.Asset{}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		included := false
		for _, rule := range rules {
			if rule.Match(name) {
				included = !rule.excludes
			}
		}
		if included {
			assets[name], err = resource.NewPathAsset(path.Join(dir, name))
		}
		return err
	})
	return assets, err
}
