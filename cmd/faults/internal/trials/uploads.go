package trials

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"frontdesk/cmd/faults/internal/client"
	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
)

// parallelUploads attaches many files at once.
func parallelUploads(ctx context.Context, s *Stage) (comparison.Row, error) {
	const uploaders, each = 4, 30 // a person may have 50 files that are not attached yet
	var clients [uploaders]*client.Client
	var tickets [uploaders]int64
	for i := range clients {
		var err error
		if clients[i], tickets[i], err = s.uploader(ctx, i); err != nil {
			return comparison.Row{}, err
		}
	}
	entries := make([]journal.Entry, uploaders*each)
	f := fault.Fault{Begin: func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		return atOnce(len(entries), func(i int) (err error) {
			entries[i], err = upload(ctx, clients[i%uploaders], tickets[i%uploaders])
			return err
		})
	}}
	row, err := during(f)(ctx, s)
	if err != nil {
		return row, err
	}
	stored, err := s.compareStored(ctx, entries, tickets[:]...)
	row.Figures.Add(stored.Figures)
	return row, err
}

// uploader signs a customer in and opens a ticket.
func (s *Stage) uploader(ctx context.Context, i int) (*client.Client, int64, error) {
	url, err := s.Desk.DatabaseURL()
	if err != nil {
		return nil, 0, err
	}
	all, err := people.AddRooms(ctx, url, rooms)
	if err != nil {
		return nil, 0, err
	}
	c, err := client.SignIn(ctx, s.Desk.Base, all[i].Customer.Email, all[i].Customer.Password)
	if err != nil {
		return nil, 0, err
	}
	ticket, err := c.OpenTicket(ctx, "Ticket of an uploader")
	return c, ticket, err
}

// upload attaches a file until it is acknowledged, and returns the entry of the journal.
func upload(ctx context.Context, c *client.Client, ticket int64) (journal.Entry, error) {
	content, entry := noise(ticket)
	key, path := rand.Text(), fmt.Sprintf("/api/tickets/%d/attachment", ticket)
	return entry, untilDone(ctx, func() (client.Answer, error) {
		return c.File(ctx, path, "file", "noise.bin", content, "Idempotency-Key", key)
	})
}

// noise returns 256 KiB of random bytes, and the entry of the journal for them.
func noise(ticket int64) ([]byte, journal.Entry) {
	content := make([]byte, 256<<10)
	_, _ = rand.Read(content) // never fails
	sum := sha256.Sum256(content)
	return content, journal.Entry{Kind: journal.File, Ticket: ticket, Text: hex.EncodeToString(sum[:])}
}

// untilDone repeats a request while the desk answers that it should be sent later.
func untilDone(ctx context.Context, send func() (client.Answer, error)) error {
	for {
		a, err := send()
		switch {
		case err != nil:
			return err
		case a.Status < 300:
			return nil
		case a.Status != http.StatusConflict && a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable:
			return fmt.Errorf("answered %d: %.200s", a.Status, a.Body)
		case ctx.Err() != nil:
			return fmt.Errorf("still answered %d: %w", a.Status, ctx.Err())
		}
		sleep(ctx, 200*time.Millisecond)
	}
}

// stopDuringUploads stops the program in the middle of uploads. An upload that is acknowledged
// nevertheless must be stored.
func stopDuringUploads(ctx context.Context, s *Stage) (comparison.Row, error) {
	by, ticket, err := s.uploader(ctx, 0)
	if err != nil {
		return comparison.Row{}, err
	}
	acknowledged := make(chan journal.Entry, 8)
	send := func(int) error {
		e, err := slowUpload(ctx, by, ticket)
		if err == nil {
			acknowledged <- e
		}
		return nil // an upload that was not acknowledged may be lost
	}
	row, err := during(fault.Fault{
		Begin: func(ctx context.Context) error {
			ended := make(chan error, 1)
			go func() { ended <- atOnce(cap(acknowledged), send) }()
			sleep(ctx, slowTime/2)
			err := s.Desk.Stop()
			<-ended
			return err
		},
		End: s.start,
	})(ctx, s)
	if err != nil {
		return row, err
	}
	close(acknowledged)
	var entries []journal.Entry
	for e := range acknowledged {
		entries = append(entries, e)
	}
	stored, err := s.compareStored(ctx, entries, ticket)
	row.Figures.Add(stored.Figures)
	return row, err
}

// slowTime is how long a slow upload takes.
const slowTime = time.Second

// slowUpload sends a file of 256 KiB slowly, and returns its entry if it is acknowledged.
func slowUpload(ctx context.Context, by *client.Client, ticket int64) (journal.Entry, error) {
	content, entry := noise(ticket)
	contentType, body, err := client.Multipart("file", "noise.bin", content)
	if err != nil {
		return entry, err
	}
	a, err := by.Do(ctx, http.MethodPost, fmt.Sprintf("/api/tickets/%d/attachment", ticket), &slowReader{bytes.NewReader(body)}, "Content-Type", contentType)
	if err == nil && a.Status >= 300 {
		err = fmt.Errorf("answered %d", a.Status)
	}
	return entry, err
}

// slowReader reads 16 KiB at a time, so that an upload of 256 KiB takes slowTime.
type slowReader struct{ from io.Reader }

func (r *slowReader) Read(p []byte) (int, error) {
	time.Sleep(slowTime / 16)
	return r.from.Read(p[:min(len(p), 16<<10)])
}
