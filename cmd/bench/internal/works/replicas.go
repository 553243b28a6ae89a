package works

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/internal/process"
)

const replicasName = "chat across replicas"

// replicaCounts are the numbers of replicas that are compared.
var replicaCounts = []int{2, 3}

// replicas has the two users of each of 250 rooms chat over different replicas, which send each
// other messages by NOTIFY of PostgreSQL or by NATS. Before that it measures how many messages
// PostgreSQL commits, each in a transaction of its own, with and without NOTIFY.
func (b *bench) replicas(ctx context.Context) error {
	if err := load.AllowOpenFiles(2 * rooms); err != nil {
		return err
	}
	all, err := b.findRooms(ctx)
	if err != nil {
		return err
	}
	if err := b.commits(ctx, all); err != nil {
		return err
	}
	b.app.Stop() // it has no NATS, so the replicas would send everything by NOTIFY as well
	defer func() { b.app, err = b.bed.StartDesk(ctx, testbed.Database, "app") }()
	url, stop, err := startNATS()
	if err != nil {
		return err
	}
	defer stop()
	for _, n := range replicaCounts {
		if err := b.chatAcross(ctx, all, n, url); err != nil {
			return err
		}
	}
	return err
}

// commits measures PostgreSQL storing the rows of chat messages with and without NOTIFY.
func (b *bench) commits(ctx context.Context, all []room) error {
	silent := b.bed
	var err error
	if silent.Pool, err = db.Open(ctx, b.bed.Cluster.URL(testbed.Database), 10, db.Committed(func([]string) {})); err != nil {
		return err
	}
	defer silent.Pool.Close()
	measure := func(bed *testbed.Bed, name string) func() (report.Row, error) {
		own := rooms / b.Conns
		r := limit.Rows{Bed: bed, Writers: b.Conns, Seconds: b.Seconds, Kind: db.EventKindMessage, Text: chatText,
			Where: func(writer, n int) (int64, int64) {
				at := all[writer*own+n%own]
				return at.ticket, at.people[n%2]
			}}
		return func() (report.Row, error) { return r.Measure(ctx, name) }
	}
	rows, err := b.inTurns(measure(&b.bed, replicasName+", limit: commits with NOTIFY"), measure(&silent, replicasName+", limit: commits without"))
	if err != nil {
		return err
	}
	b.add(rows...)
	return nil
}

// chatAcross measures chat over n replicas, by NOTIFY and by NATS in turns.
func (b *bench) chatAcross(ctx context.Context, all []room, n int, url string) error {
	var paced [2][]report.Row
	run := func(i int, by string, env ...string) func() (report.Row, error) {
		return func() (report.Row, error) {
			fast, slow, err := b.chatOnReplicas(ctx, all, fmt.Sprintf("%s, %d by %s", replicasName, n, by), n, env...)
			paced[i] = append(paced[i], slow)
			return fast, err
		}
	}
	rows, err := b.inTurns(run(0, "NOTIFY"), run(1, "NATS", "NATS_URL="+url))
	if err != nil {
		return err
	}
	b.add(rows[0], rows[1].Against(rows[0].Rate), medianP99(paced[0]), medianP99(paced[1]))
	return nil
}

// chatOnReplicas starts replicas and measures both paces.
func (b *bench) chatOnReplicas(ctx context.Context, all []room, name string, n int, env ...string) (fast, paced report.Row, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(2*b.Seconds*float64(time.Second))+time.Minute)
	defer cancel()
	var desks []*process.Program
	defer func() {
		for _, p := range desks {
			p.Stop()
		}
	}()
	for i := range n {
		p, err := b.bed.StartDesk(ctx, testbed.Database, fmt.Sprint("replica", i), env...)
		if err != nil {
			return fast, paced, err
		}
		desks = append(desks, p)
	}
	time.Sleep(3 * time.Second) // until each replica has seen that the others need no NOTIFY
	clients, err := b.openAcross(ctx, all, desks)
	if err != nil {
		return fast, paced, err
	}
	defer load.CloseClients(clients)
	t := load.NewChat(ctx, clients)
	if err := t.Run(time.Now()); err != nil {
		return fast, paced, fmt.Errorf("first messages: %w", err)
	}
	fast, err = costOf(name, 0, b.bed.Cluster.PID(), func() (load.Sample, error) { return t.ClosedLoop(b.Seconds) })
	if err != nil {
		return fast, paced, err
	}
	s, err := t.Paced(b.Seconds)
	return fast, s.Row(name + ", 100 messages a second"), err
}

// openAcross opens the sockets of all rooms, so that the two users of a room are on different
// replicas.
func (b *bench) openAcross(ctx context.Context, all []room, desks []*process.Program) ([]*load.Client, error) {
	all, err := b.withSeq(ctx, slices.Clone(all))
	if err != nil {
		return nil, err
	}
	return load.OpenClients(ctx, 2*len(all), func(i int) (load.Target, int64) {
		t := chatTarget(all[i/2], i)
		t.Addr = desks[(i/2+i%2)%len(desks)].Addr
		return t, all[i/2].seq
	})
}

// startNATS starts a NATS server in this process.
func startNATS() (url string, stop func(), err error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		return "", nil, err
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return "", nil, errors.New("the NATS server does not start")
	}
	return s.ClientURL(), s.Shutdown, nil
}
