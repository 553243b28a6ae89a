package trials

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"frontdesk/cmd/faults/internal/client"
	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
)

// onceTrials are trials of clients that repeat a request, or change the same thing at the same
// time.
var onceTrials = []Trial{
	{Name: "double submits", Note: "comments, messages and tickets, each sent 8 times at once with one key, by the API and by forms", Run: doubleSubmits},
	{Name: "lost updates", Note: "20 clients change a ticket at once from the same version, 10 times: one may succeed", Run: lostUpdates},
}

// signIn signs the two people of a further room in, and opens a ticket.
func (s *Stage) signIn(ctx context.Context) (customer, agent *client.Client, ticket int64, err error) {
	url, err := s.Desk.DatabaseURL()
	if err != nil {
		return nil, nil, 0, err
	}
	all, err := people.AddRooms(ctx, url, rooms+1)
	if err != nil {
		return nil, nil, 0, err
	}
	room := all[rooms]
	customer, err1 := client.SignIn(ctx, s.Desk.Base, room.Customer.Email, room.Customer.Password)
	agent, err2 := client.SignIn(ctx, s.Desk.Base, room.Agent.Email, room.Agent.Password)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, 0, err
	}
	ticket, err = customer.OpenTicket(ctx, "Ticket of a trial")
	return customer, agent, ticket, err
}

// atOnce calls f n times at the same time and returns the errors.
func atOnce(n int, f func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			errs[i] = f(i)
		})
	}
	close(begin)
	all.Wait()
	return errors.Join(errs...)
}

// submit is a function that sends a request with a key and returns the answer.
type submit func(ctx context.Context, key, text string) (client.Answer, error)

// doubleSubmits sends things several times at once.
func doubleSubmits(ctx context.Context, s *Stage) (comparison.Row, error) {
	customer, _, ticket, err := s.signIn(ctx)
	if err != nil {
		return comparison.Row{}, err
	}
	path := fmt.Sprintf("/tickets/%d/", ticket)
	ways := []struct {
		kind string
		submit
	}{
		{journal.Comment, func(ctx context.Context, key, text string) (client.Answer, error) {
			return customer.JSON(ctx, http.MethodPost, "/api"+path+"comments", map[string]string{"text": text}, "Idempotency-Key", key)
		}},
		{journal.Message, func(ctx context.Context, key, text string) (client.Answer, error) {
			return customer.JSON(ctx, http.MethodPost, "/api"+path+"messages", map[string]string{"message": text, "clientMsgId": key})
		}},
		{journal.Comment, func(ctx context.Context, key, text string) (client.Answer, error) {
			return customer.Form(ctx, path+"comments", url.Values{"text": {text}, "submission_id": {key}})
		}},
		{journal.Message, func(ctx context.Context, key, text string) (client.Answer, error) {
			return customer.Form(ctx, path+"messages", url.Values{"text": {text}, "submission_id": {key}})
		}},
	}
	var entries []journal.Entry
	for i := range 10 {
		for j, way := range ways {
			text := fmt.Sprintf("Sent often %d by way %d", i, j)
			if err := sendOften(ctx, way.submit, text); err != nil {
				return comparison.Row{}, err
			}
			entries = append(entries, journal.Entry{Kind: way.kind, Ticket: ticket, Author: "customer", Text: text})
		}
	}
	row, err := s.compareStored(ctx, entries, ticket)
	doubled, failed := s.doubleTickets(ctx, customer)
	row.Doubled += doubled
	return row, errors.Join(err, failed)
}

// sendOften sends a text eight times at once with the same key. It returns an error if none is
// acknowledged, or if one is refused for another reason than that the same request is in progress.
func sendOften(ctx context.Context, send submit, text string) error {
	key := rand.Text()
	var mu sync.Mutex
	acknowledged := 0
	err := atOnce(8, func(int) error {
		a, err := send(ctx, key, text)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case a.Status < 400:
			acknowledged++
		case a.Status != http.StatusConflict && a.Status != http.StatusServiceUnavailable && a.Status != http.StatusTooManyRequests:
			return fmt.Errorf("%s: answered %d: %.200s", text, a.Status, a.Body)
		}
		return nil
	})
	if err == nil && acknowledged == 0 {
		err = fmt.Errorf("%s: never acknowledged", text)
	}
	return err
}

// compareStored compares entries with the stored ones of tickets.
func (s *Stage) compareStored(ctx context.Context, entries []journal.Entry, tickets ...int64) (comparison.Row, error) {
	url, err := s.Desk.DatabaseURL()
	if err != nil {
		return comparison.Row{}, err
	}
	log, err := comparison.ReadLog(ctx, url, tickets)
	return comparison.Row{Figures: comparison.Compare(entries, log, nil)}, err
}

// doubleTickets opens tickets with eight requests each and returns how many are stored too often.
func (s *Stage) doubleTickets(ctx context.Context, customer *client.Client) (doubled int, err error) {
	const tickets = 5
	prefix := "Opened often " + rand.Text()
	for i := range tickets {
		err := sendOften(ctx, func(ctx context.Context, key, text string) (client.Answer, error) {
			in := map[string]string{"subject": text, "description": "Once.", "priority": "Low", "category": "Billing"}
			return customer.JSON(ctx, http.MethodPost, "/api/tickets", in, "Idempotency-Key", key)
		}, fmt.Sprintf("%s %d", prefix, i))
		if err != nil {
			return 0, err
		}
	}
	conn, err := connect(ctx, s.Desk)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(ctx, "select count(*) from tickets where starts_with(subject, $1)", prefix).Scan(&doubled)
	return doubled - tickets, err
}

// lostUpdates changes a ticket from the same version by many clients at once. An acknowledged
// change that another one has overwritten counts as lost.
func lostUpdates(ctx context.Context, s *Stage) (comparison.Row, error) {
	customer, agent, ticket, err := s.signIn(ctx)
	if err != nil {
		return comparison.Row{}, err
	}
	var row comparison.Row
	path := fmt.Sprintf("/api/tickets/%d", ticket)
	for round := range 10 {
		a, err := customer.Do(ctx, http.MethodGet, path, nil)
		if err != nil {
			return row, err
		}
		var now struct{ Version int }
		if err := json.Unmarshal(a.Body, &now); err != nil {
			return row, err
		}
		changed, err := changeAtOnce(ctx, []*client.Client{customer, agent}, path, round, now.Version)
		if err != nil {
			return row, err
		}
		row.Writes += changed
		row.Lost += max(0, changed-1)
		if changed == 0 {
			return row, fmt.Errorf("round %d: no change succeeded", round)
		}
	}
	return row, nil
}

// changeAtOnce changes a ticket 20 times at once from the same version, by clients in turns, and returns
// how many changes were acknowledged.
func changeAtOnce(ctx context.Context, clients []*client.Client, path string, round, version int) (changed int, err error) {
	var mu sync.Mutex
	err = atOnce(20, func(i int) error {
		in := map[string]any{"subject": fmt.Sprintf("Round %d, change %d", round, i), "description": "Changed.", "priority": "High", "category": "Billing", "version": version}
		a, err := clients[i%len(clients)].JSON(ctx, http.MethodPut, path, in)
		if err == nil && a.Status != http.StatusOK && a.Status != http.StatusConflict && a.Status != http.StatusServiceUnavailable {
			err = fmt.Errorf("change a ticket: %d: %.200s", a.Status, a.Body)
		}
		mu.Lock()
		defer mu.Unlock()
		if a.Status == http.StatusOK {
			changed++
		}
		return err
	})
	return changed, err
}

// deadline is the time that a client may take in trials of many clients.
const deadline = 30 * time.Second
