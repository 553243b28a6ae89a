package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbseed"
)

const (
	rooms    = 250
	paceRun  = 100 // lines a second where they are paced
	chatLine = "a line of chat, as long as most"
	// chatGoal is three times what the system this one replaces stores and delivers.
	chatGoal = 2226
)

// chat has 250 customers talk with staff, in turns, over sockets: at first each
// as fast as it goes, then all of them together 100 lines a second. The limits
// take turns with it: PostgreSQL's rate for the same rows, and a bare gorilla
// server. The desk is first, as it opens again the tickets that were done.
func (b *bench) chat(ctx context.Context) error {
	if err := roomFor(2 * rooms); err != nil {
		return err
	}
	places, err := b.findRooms(ctx)
	if err != nil {
		return err
	}
	var slow, slowEcho, slowRows []row
	rows, err := b.inTurns(
		func() (row, error) {
			fast, paced, err := b.talked(ctx, b.app, places)
			slow = append(slow, paced)
			return fast, err
		},
		func() (row, error) {
			paced, err := b.rowsPaced(ctx, places)
			if err != nil {
				return row{}, err
			}
			slowRows = append(slowRows, paced)
			return b.rowsAlone(ctx, "P4's limit: its rows alone, notified", db.EventKindMessage, chatLine, func(conn, n int) (int64, int64) {
				own := max(1, rooms/b.Conns) // no two write to one ticket
				r := places[(conn*own+n/2%own)%rooms]
				return r.ticket, r.people[n%2]
			})
		},
		func() (row, error) {
			fast, paced, err := b.echoed(ctx, places)
			slowEcho = append(slowEcho, paced)
			return fast, err
		})
	if err != nil {
		return err
	}
	fast, limit, echo, paced := rows[0].against(rows[1].Rate), rows[1], rows[2], medianP99(slow)
	b.add(limit, echo.named("P4's limit: a bare gorilla server"), fast.wants("≥ 2,226/s, 3× the first system's", fast.Rate >= chatGoal),
		medianP99(slowEcho).named("P4's limit: a bare gorilla server, 100 lines a second"), medianP99(slowRows),
		paced.wants("p50 ≤ 2 ms, p99 ≤ 6 ms", paced.P50 <= millis(2*time.Millisecond) && paced.P99 <= millis(6*time.Millisecond)))
	return nil
}

// echoed has the rooms talk over a bare server. It is a new one each time: it
// counts the places of its rooms from where they stood at its start.
func (b *bench) echoed(ctx context.Context, places []meeting) (fast, paced row, err error) {
	bare, err := startBare(ctx)
	if err != nil {
		return row{}, row{}, err
	}
	defer bare.stop()
	return b.talked(ctx, bare, places)
}

// meeting is a ticket where two people talk.
type meeting struct {
	ticket int64
	people [2]int64 // its requester, and staff
	place  int64    // how far its log goes
}

// findRooms picks tickets of as many requesters.
func (b *bench) findRooms(ctx context.Context) ([]meeting, error) {
	q, taken := db.New(b.pool), map[int64]bool{}
	var all []meeting
	for id := int64(1000); len(all) < rooms; id++ {
		t, err := q.GetTicket(ctx, db.GetTicketParams{ID: id, SeesAll: true})
		if err != nil {
			return nil, fmt.Errorf("ticket %d: %w", id, err)
		}
		if !taken[t.RequesterID] {
			taken[t.RequesterID] = true
			all = append(all, meeting{ticket: id, people: [2]int64{t.RequesterID, int64(dbseed.Users + 1 + len(all)/socketsEach)}})
		}
	}
	return all, nil
}

// talked opens the rooms' sockets, has one line said in each, which opens its
// ticket again where it was done, and then measures both ways to talk.
func (b *bench) talked(ctx context.Context, p *program, places []meeting) (fast, paced row, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(2*b.Seconds*float64(time.Second))+time.Minute)
	defer cancel()
	places = slices.Clone(places)
	for i, m := range places {
		t, err := db.New(b.pool).GetTicket(ctx, db.GetTicketParams{ID: m.ticket, SeesAll: true})
		if err != nil {
			return row{}, row{}, err
		}
		places[i].place = t.LastSeq
	}
	all, err := openClients(ctx, 2*rooms, func(i int) (place, int64) {
		m := places[i/2]
		return place{addr: p.addr, path: fmt.Sprintf("/tickets/%d/chat", m.ticket), cookie: dbseed.Cookie(int(m.people[i%2])), from: i % 50}, m.place
	})
	if err != nil {
		return row{}, row{}, err
	}
	defer closeClients(all)
	t := newTalk(ctx, all)
	if err := t.run(time.Now()); err != nil {
		return row{}, row{}, fmt.Errorf("first lines: %w", err)
	}
	fast, err = b.costOf("P4 chat, 250 rooms of 2", p, func() (sample, error) { return t.closedLoop(b.Seconds) })
	if err != nil {
		return fast, row{}, err
	}
	paced, err = b.costOf("P4 chat, 100 lines a second", p, func() (sample, error) { return t.paced(b.Seconds) })
	return fast, paced, err
}
