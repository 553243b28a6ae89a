// Package hostile sends bad input and forbidden requests to a desk, and counts the wrong answers.
package hostile

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/cmd/faults/internal/client"
)

// Target is the desk that is attacked, with its users and what they have.
type Target struct {
	Base     string
	Key      string // that signs API tokens
	Database *pgx.Conn
	Admin    *client.Client
	Owner    *client.Client // a customer with a ticket
	Other    *client.Client // a customer who may not see the ticket
	Email    string         // of the owner
	Password string
	Ticket   int64  // of the owner
	File     string // path of a file of the ticket
}

// secret is the text on the ticket that only its owner and staff may see.
var secret = "secret-" + rand.Text()

// Result has the findings of an attack.
type Result struct {
	Tried     int
	Errors    int      // answers 5xx
	Forbidden int      // attempts that returned data or changed a row
	Problems  []string // a sentence for each of them
}

// failed adds an answer 5xx.
func (r *Result) failed(format string, args ...any) {
	r.Errors++
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// reached adds a forbidden attempt that had an effect.
func (r *Result) reached(format string, args ...any) {
	r.Forbidden++
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// sound counts an answer to bad input. The answer must not be an internal error, and must not
// contain markup of the input.
func (r *Result) sound(what string, a client.Answer) {
	r.Tried++
	if a.Status >= 500 {
		r.failed("%s: answered %d", what, a.Status)
	}
	if bytes.Contains(a.Body, []byte("<xss")) {
		r.reached("%s: the answer has markup of the input", what)
	}
}

// refused counts an answer to a forbidden request. The answer must have one of the statuses of
// refusals, and must not contain the secret.
func (r *Result) refused(what string, a client.Answer) {
	r.sound(what, a)
	if a.Status < 400 && !isSignInPage(a) {
		r.reached("%s: answered %d", what, a.Status)
	} else if bytes.Contains(a.Body, []byte(secret)) {
		r.reached("%s: the answer has the secret of the ticket", what)
	}
}

// isSignInPage reports whether an answer redirects to the page for signing in.
func isSignInPage(a client.Answer) bool {
	return a.Status == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/login")
}

// Prepare gives the owner a ticket with a file and the secret.
func (t *Target) Prepare(ctx context.Context) error {
	var err error
	if t.Ticket, err = t.Owner.OpenTicket(ctx, secret); err != nil {
		return err
	}
	path := fmt.Sprintf("/api/tickets/%d", t.Ticket)
	a, err := t.Owner.File(ctx, path+"/attachment", "file", secret+".txt", []byte(secret))
	if err != nil {
		return err
	}
	var out struct{ Attachment string }
	if err := json.Unmarshal(a.Body, &out); err != nil || out.Attachment == "" {
		return fmt.Errorf("attach a file: %d: %.200s", a.Status, a.Body)
	}
	t.File = out.Attachment
	for _, by := range []*client.Client{t.Owner, t.Admin} {
		if _, err := by.JSON(ctx, http.MethodPost, path+"/comments", map[string]string{"text": "About " + secret}); err != nil {
			return err
		}
	}
	return nil
}

// unchanged calls f and adds to the result if the database has changed.
func (t *Target) unchanged(ctx context.Context, r *Result, what string, f func() error) error {
	before, err := t.fingerprint(ctx)
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	after, err := t.fingerprint(ctx)
	if err != nil {
		return err
	}
	for table := range before {
		if before[table] != after[table] {
			r.reached("%s changed the table %s", what, table)
		}
	}
	return nil
}

// contents are the queries whose rows no forbidden request may change.
var contents = map[string]string{
	"users":         "select id, username, email, role, custom_role, password_hash, disabled_at, session_ver from users",
	"tickets":       "select * from tickets",
	"ticket_events": "select * from ticket_events",
	"attachments":   "select * from attachments",
	"categories":    "select * from categories",
	"teams":         "select * from teams",
	"team_members":  "select * from team_members",
	"roles":         "select * from roles",
	"views":         "select * from views",
	"invitations":   "select * from invitations",
	"api_tokens":    "select id, user_id, name, revoked_at from api_tokens",
}

// fingerprint returns a hash of each table.
func (t *Target) fingerprint(ctx context.Context) (map[string]string, error) {
	sums := map[string]string{}
	for table, query := range contents {
		var sum string
		err := t.Database.QueryRow(ctx, "select coalesce(md5(string_agg(r::text, '|' order by r::text)), '') from ("+query+") r").Scan(&sum)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		sums[table] = sum
	}
	return sums, nil
}
