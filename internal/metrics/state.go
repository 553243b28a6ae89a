package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// State is the state of a desk at the time of a scrape.
type State struct {
	Connections, IdleConnections, MaxConnections int
	Acquires, Waits                              int64         // connections that were taken from the pool; those that had to wait
	WaitTime                                     time.Duration // of all waits together
	Subscriptions                                int           // of open pages and API clients in this replica
	Consumers                                    []Consumer
	Jobs                                         int // background jobs of an upgrade that are not finished
	Disks                                        []Disk
	Mail                                         Mail
	NATS                                         *NATS // nil without NATS_URL
}

// NATS is the state of the messages between replicas.
type NATS struct {
	Connected        bool
	ByNATS, ByNotify int64 // messages that were sent
	Received         int64 // messages that other replicas sent by NATS
	Losses, Rereads  int64 // connections that were lost; how often everything was read again
}

// Consumer is the state of a consumer of events.
type Consumer struct {
	Name         string
	Queued, Dead int64
	Oldest       time.Duration // age of a queued event
}

// Mail is the state of outgoing mail.
type Mail struct {
	Queued, Deferred int64         // mails that wait; Deferred for another try
	Failed           int64         // in the last day
	Oldest           time.Duration // how long the oldest one has waited
	Paused           int64         // mailboxes
}

// Disk is the file system of a folder.
type Disk struct {
	Folder     string
	Used, Free uint64 // bytes
}

// StateReader reads the state. Fields that it could read are set also if it returns an
// error.
type StateReader interface {
	State(ctx context.Context) (State, error)
}

// scrapeTime is the time limit of reading the state.
const scrapeTime = 2 * time.Second

// collector reads the state for each scrape.
type collector struct{ from StateReader }

// gauge returns the description of a number of the state.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("frontdesk_"+name, help, labels, nil)
}

// Descriptions of the numbers of the state.
var (
	stateRead     = gauge("state_read", "1 if the state could be read from the database, otherwise 0.")
	connections   = gauge("pool_connections", "Connections of the pool, by state.", "state")
	maxConns      = gauge("pool_connections_max", "Maximum number of connections of the pool.")
	acquires      = gauge("pool_acquires_total", "Connections that were taken from the pool.")
	waits         = gauge("pool_waits_total", "Connections that were taken after a wait.")
	waitSeconds   = gauge("pool_wait_seconds_total", "Time of all waits for a connection.")
	subscriptions = gauge("subscriptions", "Subscriptions of open pages and API clients to live updates.")
	queued        = gauge("outbox_queued", "Events that are not delivered yet, by consumer.", "consumer")
	dead          = gauge("outbox_dead", "Events that could not be delivered, by consumer.", "consumer")
	oldest        = gauge("outbox_oldest_seconds", "Age of a queued event, by consumer.", "consumer")
	jobs          = gauge("jobs_unfinished", "Background jobs of an upgrade that are not finished.")
	mailWaiting   = gauge("mail_waiting", "Mails that are not sent yet, by state.", "state")
	mailFailed    = gauge("mail_failed_last_day", "Mails that have failed in the last 24 hours.")
	mailOldest    = gauge("mail_oldest_seconds", "How long the oldest mail that is not sent yet has waited.")
	mailPaused    = gauge("mailboxes_paused", "Mailboxes that do not send until an admin resumes them.")
	diskUsed      = gauge("disk_used_bytes", "Bytes in use on the disk of a folder.", "folder")
	natsConnected = gauge("nats_connected", "1 if NATS is connected, otherwise 0.")
	natsSent      = gauge("replica_messages_sent_total", "Messages to other replicas, by the way they were sent.", "by")
	natsReceived  = gauge("nats_messages_received_total", "Messages that other replicas have sent by NATS.")
	natsLosses    = gauge("nats_connections_lost_total", "How often the connection to NATS was lost.")
	natsRereads   = gauge("replica_rereads_total", "How often everything was read again, because messages may have been lost.")
	diskFree      = gauge("disk_free_bytes", "Bytes that are free on the disk of a folder.", "folder")
)

// Describe implements [prometheus.Collector].
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{stateRead, connections, maxConns, acquires, waits, waitSeconds, subscriptions, queued, dead, oldest, jobs, mailWaiting, mailFailed, mailOldest, mailPaused, diskUsed, diskFree, natsConnected, natsSent, natsReceived, natsLosses, natsRereads} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *collector) Collect(to chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), scrapeTime)
	defer stop()
	s, err := c.from.State(ctx)
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	s.collectReplica(send)
	if err != nil {
		send(stateRead, prometheus.GaugeValue, 0)
		return // what is read from the database would be zero
	}
	send(stateRead, prometheus.GaugeValue, 1)
	s.collectDesk(send)
}

// sender sends a metric.
type sender func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string)

// collectReplica sends the numbers of this replica, which need no database.
func (s State) collectReplica(send sender) {
	send(connections, prometheus.GaugeValue, float64(s.Connections-s.IdleConnections), "used")
	send(connections, prometheus.GaugeValue, float64(s.IdleConnections), "idle")
	send(maxConns, prometheus.GaugeValue, float64(s.MaxConnections))
	send(acquires, prometheus.CounterValue, float64(s.Acquires))
	send(waits, prometheus.CounterValue, float64(s.Waits))
	send(waitSeconds, prometheus.CounterValue, s.WaitTime.Seconds())
	send(subscriptions, prometheus.GaugeValue, float64(s.Subscriptions))
	if s.NATS != nil {
		s.NATS.collect(send)
	}
	for _, d := range s.Disks {
		send(diskUsed, prometheus.GaugeValue, float64(d.Used), d.Folder)
		send(diskFree, prometheus.GaugeValue, float64(d.Free), d.Folder)
	}
}

// collectDesk sends the numbers of the desk, which are read from the database.
func (s State) collectDesk(send sender) {
	for _, o := range s.Consumers {
		send(queued, prometheus.GaugeValue, float64(o.Queued), o.Name)
		send(dead, prometheus.GaugeValue, float64(o.Dead), o.Name)
		send(oldest, prometheus.GaugeValue, o.Oldest.Seconds(), o.Name)
	}
	send(jobs, prometheus.GaugeValue, float64(s.Jobs))
	send(mailWaiting, prometheus.GaugeValue, float64(s.Mail.Queued), "queued")
	send(mailWaiting, prometheus.GaugeValue, float64(s.Mail.Deferred), "deferred")
	send(mailFailed, prometheus.GaugeValue, float64(s.Mail.Failed))
	send(mailOldest, prometheus.GaugeValue, s.Mail.Oldest.Seconds())
	send(mailPaused, prometheus.GaugeValue, float64(s.Mail.Paused))
}

// collect sends the numbers of NATS.
func (n *NATS) collect(send sender) {
	connected := 0.0
	if n.Connected {
		connected = 1
	}
	send(natsConnected, prometheus.GaugeValue, connected)
	send(natsSent, prometheus.CounterValue, float64(n.ByNATS), "nats")
	send(natsSent, prometheus.CounterValue, float64(n.ByNotify), "notify")
	send(natsReceived, prometheus.CounterValue, float64(n.Received))
	send(natsLosses, prometheus.CounterValue, float64(n.Losses))
	send(natsRereads, prometheus.CounterValue, float64(n.Rereads))
}
