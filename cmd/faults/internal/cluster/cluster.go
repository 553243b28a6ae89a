// Package cluster breaks the parts of a cluster one after another while people talk on its desk, and measures
// what they noticed.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/cmd/faults/internal/topology"
)

// Options configure a run.
type Options struct {
	// Files is the folder deploy/cluster.
	Files string
	// Program is the path of the program of the replicas. If it is empty, the program is built.
	Program string
	// People is the number of users who talk.
	People int
	// Short gives each part one kind of fault instead of all, and less time.
	Short bool
	// Parts are the names of the parts that break; nil for all.
	Parts []string
	// Keep keeps the folder with the data and logs.
	Keep bool
	// Progress gets a line for each step.
	Progress io.Writer
}

// settings are the settings of all replicas. A rate limit would hide the effect of a fault.
var settings = []string{"ADMIN_EMAIL=admin@faults.example", "ADMIN_PASSWORD=the admin of the cluster 2026", "LOG_LEVEL=WARN",
	"LIMIT_SIGNIN=0", "LIMIT_REGISTER=0", "LIMIT_TICKETS=0", "LIMIT_UPLOADS=0", "LIMIT_TALK=0", "LIMIT_ACTIONS=0"}

// run is a run under way.
type run struct {
	Options
	times   times
	dir     string
	cluster *topology.Cluster
	journal *journal.Journal
	crowd   *people.Crowd
	rows    []*row
	intruder
}

// Run starts the cluster, lets people talk, breaks each part, and returns a row for each fault and one for the
// whole run. It ends everything that it has started.
func Run(ctx context.Context, o Options) (comparison.Table, error) {
	r := &run{Options: o, times: full}
	if o.Short {
		r.times = short
	}
	dir, err := os.MkdirTemp("", "cluster-") // short, for the sockets of PostgreSQL
	if err != nil {
		return nil, err
	}
	r.dir = dir
	defer r.clean()
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	defer r.cluster.Stop()
	if err := r.admit(ctx); err != nil {
		return nil, err
	}
	defer r.crowd.Close()
	if err := r.breakAll(ctx); err != nil {
		return nil, err
	}
	return r.judge(ctx)
}

// clean removes the folder of the run.
func (r *run) clean() {
	if r.Keep {
		r.say("The data and logs are in %s", r.dir)
		return
	}
	_ = os.RemoveAll(r.dir)
}

// say prints a line of the progress.
func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.Progress, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// start builds the program and starts the cluster.
func (r *run) start(ctx context.Context) error {
	if err := os.Chmod(r.dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	program, err := r.program(ctx)
	if err != nil {
		return err
	}
	gateway, err := r.gateway(ctx)
	if err != nil {
		return err
	}
	r.say("Starting the cluster")
	r.cluster, err = topology.Start(ctx, topology.Options{Files: r.Files, Program: program, Gateway: gateway, Dir: r.dir, Environment: settings})
	return err
}

// admit adds the accounts, signs the people in, and lets them talk.
func (r *run) admit(ctx context.Context) error {
	r.say("Signing %d people in at %s", r.People, r.cluster.URL())
	rooms, err := people.AddRooms(ctx, r.cluster.Database(), r.People/2+1)
	if err != nil {
		return err
	}
	cmd, err := journal.Command(r.journalPath())
	if err != nil {
		return err
	}
	if r.journal, err = journal.Start(cmd); err != nil {
		return err
	}
	last := len(rooms) - 1
	r.crowd, err = people.Enter(ctx, people.Options{Bases: []string{r.cluster.URL()}, Rooms: rooms[:last], Journal: r.journal, Pace: r.times.pace, Files: true})
	if err != nil {
		return errors.Join(err, r.journal.Close())
	}
	if err := r.intruder.enter(ctx, r.cluster.URL(), rooms[last].Customer); err != nil {
		return err
	}
	r.crowd.Talk(ctx)
	go r.intruder.run(ctx, r.crowd.Tickets())
	return nil
}

// journalPath returns the path of the journal.
func (r *run) journalPath() string { return filepath.Join(r.dir, "journal") }
