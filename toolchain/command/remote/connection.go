package remote

import (
	"net"
	"strconv"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Defaults of the connection, as the SDKs have them.
const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15 // seconds
	unlimited             = -1 // dialErrorLimit
)

// endpoint says how to reach one SSH server and how to prove who we are.
type endpoint struct {
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	Host               *string  `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

// Connection is the host that runs the command, and the bastion on the way to it, if any.
type Connection struct {
	endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is a bastion host.
type ProxyConnection struct{ endpoint }

// Annotate describes the fields in the plugin's schema and sets the defaults.
func (c *Connection) Annotate(a infer.Annotator) {
	a.Describe(&c, "Instructions for how to connect to a remote endpoint.")
	a.Describe(&c.Proxy, "The connection settings for the bastion/proxy host.")
	annotate(&c.endpoint, a)
}

// Annotate describes the fields in the plugin's schema and sets the defaults.
func (c *ProxyConnection) Annotate(a infer.Annotator) {
	a.Describe(&c, "Instructions for how to connect to a remote endpoint via a bastion host.")
	annotate(&c.endpoint, a)
}

func annotate(e *endpoint, a infer.Annotator) {
	a.Describe(&e.User, "The user to log in as.")
	a.SetDefault(&e.User, defaultUser)
	a.Describe(&e.Password, "The user's password.")
	a.Describe(&e.Host, "The address to connect to.")
	a.Describe(&e.Port, "The port to connect to. Defaults to 22.")
	a.SetDefault(&e.Port, defaultPort)
	a.Describe(&e.PrivateKey, "The contents of an SSH private key. It is tried before the password.")
	a.Describe(&e.PrivateKeyPassword, "The password of an encrypted private key.")
	a.Describe(&e.AgentSocketPath, "The SSH agent's socket. Defaults to SSH_AUTH_SOCK, if set.")
	a.Describe(&e.DialErrorLimit, "How many failed attempts to connect are retried; -1: any number. Defaults to 10.")
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.Describe(&e.PerDialTimeout, "How long one attempt to connect may take, in seconds; 0: any time. Defaults to 15.")
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
	a.Describe(&e.HostKey, "The host's public key, as in authorized_keys. Without it any host key is accepted.")
}

func (e *endpoint) address() string {
	return net.JoinHostPort(*e.Host, strconv.Itoa(int(valueOr(e.Port, defaultPort))))
}

func valueOr[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}
