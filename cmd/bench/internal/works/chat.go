package works

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

const (
	rooms    = 250
	chatText = "a chat message, as long as most"
	// chatGoal is three times the rate per second at which the system that this one
	// replaces stores and delivers messages.
	chatGoal = 2226
)

// room is a ticket where its requester and one member of staff chat.
type room struct {
	ticket int64
	people [2]int64 // the requester and the member of staff
	seq    int64    // of the ticket's last event
}

// chat has 250 requesters chat with staff over sockets: first each room as fast as
// messages are delivered, then all of them together at 100 messages per second. It
// takes turns with its two limits: PostgreSQL storing the same rows, and a bare
// gorilla server. The desk is first, because its messages reopen resolved tickets.
func (b *bench) chat(ctx context.Context) error {
	if err := load.AllowOpenFiles(2 * rooms); err != nil {
		return err
	}
	all, err := b.findRooms(ctx)
	if err != nil {
		return err
	}
	var paced, pacedEcho, pacedRows []report.Row
	rows, err := b.inTurns(
		func() (report.Row, error) {
			fast, slow, err := b.chatOn(ctx, b.app, all)
			paced = append(paced, slow)
			return fast, err
		},
		func() (report.Row, error) {
			fast, slow, err := b.chatRows(ctx, all)
			pacedRows = append(pacedRows, slow)
			return fast, err
		},
		func() (report.Row, error) {
			fast, slow, err := b.chatOnBare(ctx, all)
			pacedEcho = append(pacedEcho, slow)
			return fast, err
		})
	if err != nil {
		return err
	}
	fast, limitRow, echo, slow := rows[0].Against(rows[1].Rate), rows[1], rows[2], medianP99(paced)
	b.add(limitRow, echo.Named("chat, limit: a bare gorilla server"), fast.Wants("≥ 2,226/s, 3× the first system's", fast.Rate >= chatGoal),
		medianP99(pacedEcho).Named("chat, limit: a bare gorilla server, 100 messages a second"), medianP99(pacedRows),
		slow.Wants("p50 ≤ 2 ms, p99 ≤ 6 ms", slow.P50 <= millis(2) && slow.P99 <= millis(6)))
	return nil
}

// chatRows measures PostgreSQL storing the rows of chat messages, paced and as fast
// as possible.
func (b *bench) chatRows(ctx context.Context, all []room) (fast, paced report.Row, err error) {
	r := limit.Rows{Bed: &b.bed, Writers: b.Conns, Seconds: b.Seconds, Kind: db.EventKindMessage, Text: chatText,
		Where: func(_, n int) (int64, int64) { return all[n%rooms].ticket, all[n%rooms].people[n%2] }}
	s, err := r.Paced(ctx)
	if err != nil {
		return fast, paced, err
	}
	paced = s.Row("chat, limit: its rows alone, notified, 100 messages a second")
	own := max(1, rooms/b.Conns) // rooms of each writer, so that no two write to one ticket
	r.Where = func(writer, n int) (int64, int64) {
		at := all[(writer*own+n/2%own)%rooms]
		return at.ticket, at.people[n%2]
	}
	fast, err = r.Measure(ctx, "chat, limit: its rows alone, notified")
	return fast, paced, err
}

// chatOnBare measures chat on a bare gorilla server. Each call starts a new one,
// because a server counts the seq of a room from where it was at its start.
func (b *bench) chatOnBare(ctx context.Context, all []room) (fast, paced report.Row, err error) {
	bare, err := limit.StartSockets(ctx)
	if err != nil {
		return report.Row{}, report.Row{}, err
	}
	defer bare.Stop()
	return b.chatOn(ctx, bare, all)
}

// findRooms returns 250 tickets of different requesters.
func (b *bench) findRooms(ctx context.Context) ([]room, error) {
	q, taken := db.New(b.bed.Pool), map[int64]bool{}
	var all []room
	for id := int64(1000); len(all) < rooms; id++ {
		t, err := q.GetTicket(ctx, db.GetTicketParams{ID: id, Reach: "all"})
		if err != nil {
			return nil, fmt.Errorf("ticket %d: %w", id, err)
		}
		if !taken[t.RequesterID] {
			taken[t.RequesterID] = true
			all = append(all, room{ticket: id, people: [2]int64{t.RequesterID, int64(dbseed.Users + 1 + len(all)/socketsEach)}})
		}
	}
	return all, nil
}

// chatOn opens the sockets of all rooms on a server, sends one message in each,
// which reopens its ticket if it was resolved, and then measures both paces.
func (b *bench) chatOn(ctx context.Context, p *process.Program, all []room) (fast, paced report.Row, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(2*b.Seconds*float64(time.Second))+time.Minute)
	defer cancel()
	if all, err = b.withSeq(ctx, all); err != nil {
		return fast, paced, err
	}
	clients, err := load.OpenClients(ctx, 2*rooms, func(i int) (load.Target, int64) {
		t := chatTarget(all[i/2], i)
		t.Addr = p.Addr
		return t, all[i/2].seq
	})
	if err != nil {
		return fast, paced, err
	}
	defer load.CloseClients(clients)
	t := load.NewChat(ctx, clients)
	if err := t.Run(time.Now()); err != nil {
		return fast, paced, fmt.Errorf("first messages: %w", err)
	}
	fast, err = b.costOf("chat, 250 rooms of 2", p, func() (load.Sample, error) { return t.ClosedLoop(b.Seconds) })
	if err != nil {
		return fast, paced, err
	}
	paced, err = b.costOf("chat, 100 messages a second", p, func() (load.Sample, error) { return t.Paced(b.Seconds) })
	return fast, paced, err
}

// chatTarget returns the target of the i-th of all sockets, which is in room r, without the address.
func chatTarget(r room, i int) load.Target {
	return load.Target{Path: fmt.Sprintf("/tickets/%d/chat", r.ticket), Cookie: dbseed.Cookie(int(r.people[i%2])), From: i % 50}
}

// withSeq returns a copy of rooms with the current seq of their tickets.
func (b *bench) withSeq(ctx context.Context, all []room) ([]room, error) {
	all = slices.Clone(all)
	for i, r := range all {
		t, err := db.New(b.bed.Pool).GetTicket(ctx, db.GetTicketParams{ID: r.ticket, Reach: "all"})
		if err != nil {
			return nil, err
		}
		all[i].seq = t.LastSeq
	}
	return all, nil
}
