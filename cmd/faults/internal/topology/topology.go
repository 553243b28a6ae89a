// Package topology starts a desk of several machines on this one: HAProxy, replicas, a PostgreSQL
// with a synchronous standby and the other parts of a cluster, each a process with links that can
// be cut. It kills, freezes and cuts the parts, and repairs them as an operator would.
package topology

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"frontdesk/internal/postgres"
)

// Options configure a [Cluster].
type Options struct {
	// Files is the folder of the configuration files, deploy/cluster.
	Files string
	// Program is the path of the program of the replicas.
	Program string
	// Gateway is the path of versitygw. If it is empty, the program is searched for.
	Gateway string
	// Dir is an empty folder for the data and logs of all parts, which the user of PostgreSQL can enter. Its path
	// is short, because sockets are in it.
	Dir string
	// Environment has further variables of the replicas.
	Environment []string
}

// replicas is the number of replicas of the files in deploy/cluster.
const replicas = 3

// Cluster is a running desk.
type Cluster struct {
	opts     Options
	owner    *syscall.Credential // of PostgreSQL and PgBouncer; nil: the user of this program
	programs string              // folder of the programs of PostgreSQL
	password string              // of all roles
	launch   launcher
	network  network
	started  []*daemon // in the order of their start
	pair     pair
	nats     *service
	s3       *service
	proxy    *daemon
	replicas []*daemon
	address  string   // host:port of the desk for users
	front    string   // host:port of HAProxy
	backends []string // host:port of each replica as HAProxy reaches it
}

// Start starts all parts. If it returns an error, it has ended the parts that it had started.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	c := &Cluster{opts: opts, password: rand.Text(), launch: newLauncher()}
	if err := c.start(ctx); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) (err error) {
	if c.owner, err = postgres.Account(); err != nil {
		return err
	}
	if c.programs = postgres.Installed(ctx); c.programs == "" {
		return fmt.Errorf("PostgreSQL: %w", errNoProgram)
	}
	for _, step := range []func(context.Context) error{c.startPair, c.startPoolers, c.startNATS, c.startS3, c.startReplicas, c.startProxy} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends all programs and links, the last one first.
func (c *Cluster) Stop() {
	for i := len(c.started) - 1; i >= 0; i-- {
		c.started[i].thaw()
	}
	for i := len(c.started) - 1; i >= 0; i-- {
		p := c.started[i]
		sig := syscall.SIGTERM
		if p == c.pair[0].process || p == c.pair[1].process {
			sig = syscall.SIGINT // a fast shutdown
		}
		p.stop(sig)
	}
	c.network.close()
	close(c.launch)
}

// URL returns the address of the desk for users, without a slash at its end.
func (c *Cluster) URL() string { return "http://" + c.address }

// Database returns the connection string of the current primary for an observer.
func (c *Cluster) Database() string { return c.pair.primary().local("frontdesk") }

// problems matches the end of the output of "frontdesk verify".
var problems = regexp.MustCompile(`Problems: (\d+)`)

// Verify runs "frontdesk verify" on the desk and returns the number of problems: files with other bytes, missing
// files, logs with gaps, wrong counters.
func (c *Cluster) Verify() (int, error) {
	cmd := c.replicas[0].command()
	cmd.Args = append(cmd.Args, "verify")
	out, err := cmd.CombinedOutput()
	found := problems.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("verify: %w: %s", err, out)
	}
	return strconv.Atoi(string(found[1]))
}

// add starts a program that [Cluster.Stop] ends.
func (c *Cluster) add(ctx context.Context, p *daemon) (*daemon, error) {
	p.launch = c.launch
	p.log = c.path(p.name + ".log")
	c.started = append(c.started, p)
	return p, p.start(ctx)
}

// path returns the path of a file in the folder of the cluster.
func (c *Cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.opts.Dir}, elements...)...)
}

// get returns a function that returns nil if an address answers a GET with 200.
func get(address, path string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	}
}

// local returns the address of a port of this machine.
func local(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// makeDir makes a folder that only the user of PostgreSQL can access.
func (c *Cluster) makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	if c.owner == nil {
		return nil
	}
	return os.Chown(path, int(c.owner.Uid), int(c.owner.Gid))
}
