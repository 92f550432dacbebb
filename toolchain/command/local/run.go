package local

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	"mariadb-ha/toolchain/command/lifecycle"
)

// cancelGrace is how long the output of a cancelled command's own children is waited for.
const cancelGrace = 5 * time.Second

// run executes command (nil: nothing) and keeps its output and the files asked for in the state.
func (c *CommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	process, err := c.process(ctx, *command)
	if err != nil {
		return err
	}
	capture := lifecycle.NewCapture(ctx)
	process.Stdout = capture.Stdout(c.Logging.stdout())
	process.Stderr = capture.Stderr(c.Logging.stderr())
	stdout, stderr, err := capture.Finish(*command, process.Run())
	if err != nil {
		return err
	}
	if err := c.collect(process.Dir); err != nil {
		return err
	}
	c.Stdout, c.Stderr = stdout, stderr
	return nil
}

func (c *CommandOutputs) process(ctx context.Context, command string) (*exec.Cmd, error) {
	argv := []string{"/bin/sh", "-c"}
	if c.Interpreter != nil && len(*c.Interpreter) > 0 {
		argv = append([]string(nil), *c.Interpreter...)
	}
	argv = append(argv, command)

	process := exec.CommandContext(ctx, argv[0], argv[1:]...)
	process.WaitDelay = cancelGrace
	if c.Dir != nil {
		process.Dir = *c.Dir
	} else {
		dir, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		process.Dir = dir
	}
	process.Env = os.Environ()
	if c.Environment != nil {
		for name, value := range *c.Environment {
			process.Env = append(process.Env, name+"="+value)
		}
	}
	for _, previous := range lifecycle.Previous(c.AddPreviousOutputInEnv, c.Stdout, c.Stderr) {
		process.Env = append(process.Env, previous.Name+"="+previous.Value)
	}
	if c.Stdin != nil && *c.Stdin != "" {
		process.Stdin = strings.NewReader(*c.Stdin)
	}
	return process, nil
}
