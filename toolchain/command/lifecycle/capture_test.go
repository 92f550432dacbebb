package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestOneTrailingNewlineIsDroppedFromEachStream(t *testing.T) {
	capture := NewCapture(context.Background())
	fmt.Fprint(capture.Stdout(false), "a\n\n")
	fmt.Fprint(capture.Stderr(false), "b\n")
	stdout, stderr, err := capture.Finish("true", nil)
	if stdout != "a\n" || stderr != "b" || err != nil {
		t.Errorf("Finish = %q, %q, %v", stdout, stderr, err)
	}
}

func TestAFailureHasTheCommandAndBothStreams(t *testing.T) {
	capture := NewCapture(context.Background())
	fmt.Fprint(capture.Stdout(false), "out\n")
	fmt.Fprint(capture.Stderr(false), "err\n")
	cause := errors.New("exit status 1")
	_, _, err := capture.Finish("make it", cause)
	if !errors.Is(err, cause) || err.Error() != "exit status 1: running \"make it\":\nout\nerr\n" {
		t.Errorf("Finish failed with %q", err)
	}
}

func TestStreamsMayBeWrittenAtTheSameTime(t *testing.T) {
	capture := NewCapture(context.Background())
	var writers sync.WaitGroup
	for range 2 {
		out, err := capture.Stdout(false), capture.Stderr(false)
		for _, stream := range []interface{ Write([]byte) (int, error) }{out, err} {
			writers.Add(1)
			go func() {
				defer writers.Done()
				for range 1000 {
					_, _ = stream.Write([]byte("x\n"))
				}
			}()
		}
	}
	writers.Wait()
	stdout, stderr, err := capture.Finish("true", nil)
	if got := strings.Count(stdout, "x") + strings.Count(stderr, "x"); got != 4000 || err != nil {
		t.Errorf("%d of 4000 lines kept, %v", got, err)
	}
}
