package comparison

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
)

// Log has the entries that a desk has stored of some tickets.
type Log struct {
	Items map[int64][]people.Item // comments and chat messages by ticket, in the order of seq
	Files map[int64][]string      // SHA-256 of attachments by ticket, in hexadecimal
}

// Last returns the seq of the last comment or message of each ticket, for [people.Crowd.Reach].
func (l Log) Last() map[int64]int64 {
	last := map[int64]int64{}
	for ticket, items := range l.Items {
		last[ticket] = items[len(items)-1].Seq
	}
	return last
}

// ReadLog reads the log of tickets from the database.
func ReadLog(ctx context.Context, databaseURL string, tickets []int64) (Log, error) {
	log := Log{Items: map[int64][]people.Item{}, Files: map[int64][]string{}}
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return log, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := log.readItems(ctx, conn, tickets); err != nil {
		return log, fmt.Errorf("read the log: %w", err)
	}
	if err := log.readFiles(ctx, conn, tickets); err != nil {
		return log, fmt.Errorf("read the attachments: %w", err)
	}
	return log, nil
}

// readItems reads the comments and messages.
func (l Log) readItems(ctx context.Context, conn *pgx.Conn, tickets []int64) error {
	rows, err := conn.Query(ctx, `select ticket_id, seq, kind::text, body from ticket_events
		where ticket_id = any($1) and kind in ('comment', 'message') order by ticket_id, seq`, tickets)
	if err != nil {
		return err
	}
	var ticket int64
	var item people.Item
	_, err = pgx.ForEachRow(rows, []any{&ticket, &item.Seq, &item.Kind, &item.Text}, func() error {
		l.Items[ticket] = append(l.Items[ticket], item)
		return nil
	})
	return err
}

// readFiles reads the checksums of the attachments.
func (l Log) readFiles(ctx context.Context, conn *pgx.Conn, tickets []int64) error {
	rows, err := conn.Query(ctx, `select ticket_id, sha256 from attachments where ticket_id = any($1) order by id`, tickets)
	if err != nil {
		return err
	}
	var ticket int64
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&ticket, &sum}, func() error {
		l.Files[ticket] = append(l.Files[ticket], hex.EncodeToString(sum))
		return nil
	})
	return err
}

// stored returns how many times each comment, message and file of a ticket is stored.
func (l Log) stored(ticket int64) map[thing]int {
	times := map[thing]int{}
	for _, i := range l.Items[ticket] {
		times[thing{i.Kind, i.Text}]++
	}
	for _, sum := range l.Files[ticket] {
		times[thing{journal.File, sum}]++
	}
	return times
}

// thing identifies a comment or message by its text, or a file by its checksum.
type thing struct{ kind, text string }
