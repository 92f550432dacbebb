// Package local runs commands on the machine that runs Pulumi.
package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"mariadb-ha/toolchain/command/lifecycle"
)

// Command is the resource command:local:Command.
type Command struct{}

// CommandInputs are the resource's inputs.
type CommandInputs struct {
	lifecycle.Commands
	Interpreter            *[]string          `pulumi:"interpreter,optional"`
	Dir                    *string            `pulumi:"dir,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	Stdin                  *string            `pulumi:"stdin,optional"`
	AssetPaths             *[]string          `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string          `pulumi:"archivePaths,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
	Logging                *Logging           `pulumi:"logging,optional"`
}

// Results are what the last command wrote, and the files found after it.
type Results struct {
	Stdout  string                      `pulumi:"stdout"`
	Stderr  string                      `pulumi:"stderr"`
	Assets  *map[string]*resource.Asset `pulumi:"assets,optional"`
	Archive *resource.Archive           `pulumi:"archive,optional"`
}

// CommandOutputs are the inputs and the results.
type CommandOutputs struct {
	CommandInputs
	Results
}

// Annotate describes the resource in the plugin's schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "A local command. It fails when its exit status is not zero.")
}

// Annotate describes the fields in the plugin's schema and sets the defaults.
func (c *CommandInputs) Annotate(a infer.Annotator) {
	a.Describe(&c.Interpreter, "The program and arguments to run the command. Defaults to [\"/bin/sh\", \"-c\"].")
	a.Describe(&c.Dir, "The directory to run the command in. It must exist.")
	a.Describe(&c.Environment, "Additional environment variables for the command.")
	a.Describe(&c.Stdin, "A string that the command reads as its standard input.")
	a.Describe(&c.AssetPaths, "Globs of files, relative to dir, to give as assets after the command. "+
		"A leading ! excludes; the last rule that matches counts; ** crosses directories.")
	a.Describe(&c.ArchivePaths, "Globs of files to give as one archive after the command, written like assetPaths.")
	a.Describe(&c.AddPreviousOutputInEnv, "Whether the next command finds this one's output in "+
		"PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR. Defaults to true.")
	a.SetDefault(&c.AddPreviousOutputInEnv, true)
	a.Describe(&c.Logging, "Which of stdout and stderr are shown while the command runs. Defaults to both.")
}

// Create runs create, if any.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err != nil {
		return infer.CreateResponse[CommandOutputs]{}, err
	}
	state := CommandOutputs{CommandInputs: req.Inputs}
	if !req.DryRun {
		err = state.run(ctx, req.Inputs.Create)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs update, or create where there is none.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Results: req.State.Results}
	var err error
	if !req.DryRun {
		err = state.run(ctx, req.Inputs.OnUpdate())
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs delete, if any.
func (*Command) Delete(
	ctx context.Context, req infer.DeleteRequest[CommandOutputs],
) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, req.State.run(ctx, req.State.Delete)
}
