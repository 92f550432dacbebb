package remote

import (
	"context"
	"fmt"
	"strconv"
	"time"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// dial connects to the host, through its bastion if it has one. Every failure is retried, with growing pauses, until
// dialErrorLimit is passed or ctx ends.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	config, err := c.config()
	if err != nil {
		return nil, err
	}
	if c.Proxy == nil {
		return c.retry(ctx, "Dial", func() (*ssh.Client, error) {
			return ssh.Dial("tcp", c.address(), config)
		})
	}

	proxyConfig, err := c.Proxy.config()
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	proxy, err := c.Proxy.retry(ctx, "Dial proxy", func() (*ssh.Client, error) {
		return ssh.Dial("tcp", c.Proxy.address(), proxyConfig)
	})
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	client, err := c.retry(ctx, "Dial from proxy", func() (*ssh.Client, error) {
		return dialThrough(proxy, c.address(), config)
	})
	if err != nil {
		proxy.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	go func() {
		_ = client.Wait() // the connection's end, whatever its cause, is the bastion's end too
		proxy.Close()
	}()
	return client, nil
}

func dialThrough(proxy *ssh.Client, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	tunnel, err := proxy.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	connection, channels, requests, err := ssh.NewClientConn(tunnel, address, config)
	if err != nil {
		tunnel.Close()
		return nil, err
	}
	return ssh.NewClient(connection, channels, requests), nil
}

// retry repeats attempt. A limit of n allows n failures and reports the one after them.
func (e *endpoint) retry(
	ctx context.Context, what string, attempt func() (*ssh.Client, error),
) (*ssh.Client, error) {
	limit := valueOr(e.DialErrorLimit, defaultDialErrorLimit)
	logger := provider.GetLogger(ctx)
	var client *ssh.Client
	done, _, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(failures int, _ time.Duration) (bool, any, error) {
			connected, err := attempt()
			if err == nil {
				client = connected
				return true, nil, nil
			}
			if limit > unlimited && failures+1 > limit {
				return true, nil, fmt.Errorf("after %d failed attempts: %w", failures, err)
			}
			logger.InfoStatusf("%s %d/%s failed: retrying: %v", what, failures+1, limitText(limit), err)
			return false, nil, nil
		},
	})
	switch {
	case err != nil:
		return nil, err
	case !done: // retry reports a cancelled update as "not done" without an error
		return nil, ctx.Err()
	}
	return client, nil
}

func limitText(limit int) string {
	if limit == unlimited {
		return "inf"
	}
	return strconv.Itoa(limit)
}
