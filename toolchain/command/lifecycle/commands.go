// Package lifecycle holds what local and remote commands share: which command runs when, and what becomes of its output.
package lifecycle

import "github.com/pulumi/pulumi-go-provider/infer"

// Commands says what to run at each stage of the resource's life, and what makes it start over.
type Commands struct {
	Triggers *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
}

// Annotate describes the fields in the plugin's schema.
func (c *Commands) Annotate(a infer.Annotator) {
	a.Describe(&c.Triggers, "A change of any of these values replaces the resource: create runs again, then the old delete.")
	a.Describe(&c.Create, "The command to run on create.")
	a.Describe(&c.Update, "The command to run on update. Without it create runs again. "+
		"It finds the previous output in PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR.")
	a.Describe(&c.Delete, "The command to run on delete. "+
		"It finds the previous output in PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR.")
}

// OnUpdate is the command that an update runs: update, else create, else none (nil).
func (c Commands) OnUpdate() *string {
	if c.Update != nil {
		return c.Update
	}
	return c.Create
}
