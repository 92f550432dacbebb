package remote

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"
)

// authorizedLine writes a public key, just made, as authorized_keys has it.
func authorizedLine(t *testing.T, public any, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(key))
}

func TestAHostKeyIsAskedForByItsOwnKind(t *testing.T) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	config := &ssh.ClientConfig{}
	if err := expectHostKey(config, authorizedLine(t, public, err)); err != nil {
		t.Fatal(err)
	}
	if want := []string{ssh.KeyAlgoED25519}; !slices.Equal(config.HostKeyAlgorithms, want) {
		t.Errorf("algorithms %v, want %v", config.HostKeyAlgorithms, want)
	}
}

func TestAnRSAHostKeyIsAskedForWithItsModernSignatures(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	config := &ssh.ClientConfig{}
	if err := expectHostKey(config, authorizedLine(t, &private.PublicKey, err)); err != nil {
		t.Fatal(err)
	}
	if config.HostKeyAlgorithms[0] != ssh.KeyAlgoRSASHA512 {
		t.Errorf("algorithms %v do not begin with %s", config.HostKeyAlgorithms, ssh.KeyAlgoRSASHA512)
	}
}

func TestTheEndpointsDefaultsAreTheSDKs(t *testing.T) {
	host := "db1.example"
	e := endpoint{Host: &host}
	config, err := e.config()
	if err != nil {
		t.Fatal(err)
	}
	if e.address() != "db1.example:22" || config.User != "root" || config.Timeout.Seconds() != 15 {
		t.Errorf("address %s, user %s, timeout %s", e.address(), config.User, config.Timeout)
	}
}
