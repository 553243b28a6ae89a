package topology

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// startReplicas starts the replicas one after another: the first one migrates the database.
func (c *Cluster) startReplicas(ctx context.Context) error {
	front, err := freePort()
	if err != nil {
		return err
	}
	c.front = local(front)
	if c.address, err = c.network.connect(people, proxyMachine, c.front); err != nil {
		return err
	}
	secret := rand.Text() + rand.Text()
	for n := 1; n <= replicas; n++ {
		if err := c.startReplica(ctx, n, secret); err != nil {
			return err
		}
	}
	return nil
}

// startReplica starts the n-th replica on a machine of its own.
func (c *Cluster) startReplica(ctx context.Context, n int, secret string) error {
	name := "replica-" + strconv.Itoa(n)
	port, err := freePort()
	if err != nil {
		return err
	}
	variables, err := c.replicaEnvironment(name, port, secret)
	if err != nil {
		return err
	}
	p, err := c.add(ctx, &daemon{name: name, ready: get(local(port), "/ready"), command: func() *exec.Cmd {
		cmd := exec.Command(c.opts.Program)
		cmd.Dir = c.opts.Dir
		cmd.Env = append(append([]string{"PATH=" + os.Getenv("PATH"), "LOG_LEVEL=WARN"}, variables...), c.opts.Environment...)
		return cmd
	}})
	if err != nil {
		return err
	}
	c.replicas = append(c.replicas, p)
	address, err := c.network.connect(proxyMachine, name, local(port))
	c.backends = append(c.backends, address)
	return err
}

// replicaEnvironment connects a replica with the database, NATS and the bucket, and returns its
// variables, which it also writes into a file.
func (c *Cluster) replicaEnvironment(name string, port int, secret string) ([]string, error) {
	poolers, servers, err := c.databaseHosts(name)
	if err != nil {
		return nil, err
	}
	nats, err := c.network.connect(name, c.nats.name, c.nats.address)
	if err != nil {
		return nil, err
	}
	s3, err := c.network.connect(name, c.s3.name, c.s3.address)
	if err != nil {
		return nil, err
	}
	env := c.path(name + ".env")
	if err := c.fill("replica.env", env, map[string]string{
		"HOST": "127.0.0.1", "PORT": strconv.Itoa(port), "PUBLIC_URL": c.URL(), "PROXY_NETWORK": "127.0.0.1/32",
		"PASSWORD": c.password, "POOLERS": poolers, "SERVERS": servers, "SSLMODE": "disable",
		"NATS": "nats://frontdesk:" + c.password + "@" + nats, "BUCKET": "s3://frontdesk:" + c.password + "@" + s3 + "/" + bucket + "?tls=off",
		"JWT_SECRET": secret, "DATA_DIR": c.path(name),
	}); err != nil {
		return nil, err
	}
	return environment(env)
}

// databaseHosts returns the addresses of both poolers and of both servers as a replica reaches them, separated by
// commas.
func (c *Cluster) databaseHosts(replica string) (poolers, servers string, err error) {
	var ofPoolers, ofServers []string
	for _, s := range c.pair {
		pooler, err := c.network.connect(replica, s.pooler.name, s.pooler.address)
		if err != nil {
			return "", "", err
		}
		server, err := c.network.connect(replica, s.name, local(s.port))
		if err != nil {
			return "", "", err
		}
		ofPoolers, ofServers = append(ofPoolers, pooler), append(ofServers, server)
	}
	return strings.Join(ofPoolers, ","), strings.Join(ofServers, ","), nil
}

// proxyMachine is the machine of HAProxy.
const proxyMachine = "haproxy"

// startProxy starts HAProxy in front of the replicas.
func (c *Cluster) startProxy(ctx context.Context) error {
	program, err := find("haproxy")
	if err != nil {
		return err
	}
	config := c.path("haproxy.cfg")
	values := map[string]string{"LISTEN": c.front}
	for i, address := range c.backends {
		values[fmt.Sprintf("REPLICA_%d", i+1)] = address
	}
	if err := c.fill("haproxy.cfg", config, values); err != nil {
		return err
	}
	c.proxy, err = c.add(ctx, &daemon{name: proxyMachine, ready: get(c.front, "/ready"), command: func() *exec.Cmd {
		return exec.Command(program, "-db", "-f", config)
	}})
	return err
}

// find returns the path of a program, which may be in a folder of administrators.
func find(name string) (string, error) {
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, errNoProgram)
}
