package lifecycle

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	provider "github.com/pulumi/pulumi-go-provider"
)

// Capture keeps a command's two streams, both apart and as they were interleaved, and shows them as they come.
type Capture struct {
	mutex          sync.Mutex
	stdout, stderr bytes.Buffer
	both           bytes.Buffer
	log            *lineLogger
}

// NewCapture shows lines through the engine's status log of ctx.
func NewCapture(ctx context.Context) *Capture {
	return &Capture{log: &lineLogger{show: provider.GetLogger(ctx).InfoStatus}}
}

// Stdout takes the command's standard output; shown says whether it is streamed to the engine's log too.
func (c *Capture) Stdout(shown bool) io.Writer { return c.writer(&c.stdout, shown) }

// Stderr takes the command's standard error; shown as for Stdout.
func (c *Capture) Stderr(shown bool) io.Writer { return c.writer(&c.stderr, shown) }

// Finish shows an unfinished last line. Without err it gives both streams, each without one trailing newline;
// with err it gives an error that has the command and everything that it wrote.
func (c *Capture) Finish(command string, err error) (stdout, stderr string, failure error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.log.flush()
	if err != nil {
		return "", "", fmt.Errorf("%w: running %q:\n%s", err, command, c.both.String())
	}
	return strings.TrimSuffix(c.stdout.String(), "\n"), strings.TrimSuffix(c.stderr.String(), "\n"), nil
}

func (c *Capture) writer(stream *bytes.Buffer, shown bool) io.Writer {
	writers := []io.Writer{stream, &c.both}
	if shown {
		writers = append(writers, c.log)
	}
	return &lockedWriter{mutex: &c.mutex, Writer: io.MultiWriter(writers...)}
}

// lockedWriter lets the goroutines of two streams write to what they share.
type lockedWriter struct {
	mutex *sync.Mutex
	io.Writer
}

func (w *lockedWriter) Write(data []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.Writer.Write(data)
}
