package topology

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// service is a program that all replicas use.
type service struct {
	name    string
	address string // host:port
	process *daemon
}

// startNATS starts the server that wakes the replicas.
func (c *Cluster) startNATS(ctx context.Context) error {
	program, err := find("nats-server")
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	config := c.path("nats.conf")
	if err := c.fill("nats.conf", config, map[string]string{"LISTEN": local(port), "PASSWORD": c.password}); err != nil {
		return err
	}
	c.nats = &service{name: "nats", address: local(port)}
	c.nats.process, err = c.add(ctx, &daemon{name: "nats", ready: listens(c.nats.address), command: func() *exec.Cmd {
		return exec.Command(program, "-c", config)
	}})
	return err
}

// GatewayProgram is the name of the server of the attachments.
const GatewayProgram = "versitygw"

// bucket is the bucket of the attachments.
const bucket = "frontdesk"

// startS3 starts the server of the attachments: a gateway before a folder.
func (c *Cluster) startS3(ctx context.Context) error {
	program, err := c.opts.Gateway, error(nil)
	if program == "" {
		program, err = find(GatewayProgram)
	}
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	folder := c.path("s3")
	if err := os.MkdirAll(filepath.Join(folder, bucket), 0o755); err != nil {
		return err
	}
	c.s3 = &service{name: "s3", address: local(port)}
	c.s3.process, err = c.add(ctx, &daemon{name: "s3", ready: listens(c.s3.address), command: func() *exec.Cmd {
		return exec.Command(program, "--port", "127.0.0.1:"+strconv.Itoa(port), "--access", "frontdesk", "--secret", c.password, "--keep-alive", "--quiet", "posix", folder)
	}})
	return err
}

// listens returns a function that returns nil if a program listens at an address.
func listens(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}
