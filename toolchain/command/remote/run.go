package remote

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	provider "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"mariadb-ha/toolchain/command/lifecycle"
)

// run executes command (nil: nothing) on the host and keeps its output in the state.
func (c *CommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	client, err := c.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	// A cancelled update must not wait for a command that never ends: sshd ends the session with the connection.
	defer context.AfterFunc(ctx, func() { client.Close() })()

	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	if err := c.setEnvironment(ctx, session); err != nil {
		return err
	}
	if c.Stdin != nil && *c.Stdin != "" {
		session.Stdin = strings.NewReader(*c.Stdin)
	}
	capture := lifecycle.NewCapture(ctx)
	session.Stdout = capture.Stdout(c.Logging.stdout())
	session.Stderr = capture.Stderr(c.Logging.stderr())
	stdout, stderr, err := capture.Finish(*command, session.Run(*command))
	if err != nil {
		return err
	}
	c.Stdout, c.Stderr = stdout, stderr
	return nil
}

// setEnvironment fails for a variable that the user asked for and sshd refuses; previous output is only a convenience.
func (c *CommandOutputs) setEnvironment(ctx context.Context, session *ssh.Session) error {
	logger := provider.GetLogger(ctx)
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		if err := session.Setenv(name, c.Environment[name]); err != nil {
			logger.Error(refusedVariable(name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	for _, previous := range lifecycle.Previous(c.AddPreviousOutputInEnv, c.Stdout, c.Stderr) {
		if err := session.Setenv(previous.Name, previous.Value); err != nil {
			logger.Warning(refusedVariable(previous.Name))
		}
	}
	return nil
}

func refusedVariable(name string) string {
	return fmt.Sprintf("Unable to set '%s'. This only works if the SSH server accepts the variable (AcceptEnv in "+
		"sshd_config). Otherwise put it before the command itself: 'VARIABLE=value command'.", name)
}
