package topology

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// startPoolers starts a PgBouncer beside each server. The one of the standby is not used until a
// fail-over.
func (c *Cluster) startPoolers(ctx context.Context) error {
	program, err := find("pgbouncer")
	if err != nil {
		return err
	}
	users := c.path("userlist.txt")
	if err := c.keepSecret(users, fmt.Sprintf("%q %q\n", "frontdesk", c.password)); err != nil {
		return err
	}
	for _, s := range c.pair {
		if err := c.startPooler(ctx, program, users, s); err != nil {
			return err
		}
	}
	return nil
}

// startPooler starts the PgBouncer of a server.
func (c *Cluster) startPooler(ctx context.Context, program, users string, s *server) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.pooler = &service{name: strings.Replace(s.name, "postgres", "pgbouncer", 1), address: local(port)}
	config := c.path(s.pooler.name + ".ini")
	if err := c.fill("pgbouncer.ini", config, map[string]string{
		"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": strconv.Itoa(s.port), "ADDRESS": "127.0.0.1", "PORT": strconv.Itoa(port), "USERLIST": users,
		"CLIENT_TLS": "disable", "TLS_CERT": "", "TLS_KEY": "",
	}); err != nil {
		return err
	}
	url := fmt.Sprintf("postgres://frontdesk:%s@%s/frontdesk?default_query_exec_mode=exec", c.password, s.pooler.address)
	s.pooler.process, err = c.add(ctx, &daemon{name: s.pooler.name,
		ready:   func(ctx context.Context) error { return answers(ctx, url) },
		command: func() *exec.Cmd { return c.asOwner(exec.Command(program, config)) },
	})
	return err
}

// answers returns nil if a database answers.
func answers(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return conn.Ping(ctx)
}

// keepSecret writes a file that only the user of PostgreSQL can read.
func (c *Cluster) keepSecret(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil || c.owner == nil {
		return err
	}
	return os.Chown(path, int(c.owner.Uid), int(c.owner.Gid))
}
