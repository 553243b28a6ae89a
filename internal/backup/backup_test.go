package backup_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/backup"
	"frontdesk/internal/demo"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

func TestARestoredDeskHasEveryRowAndEveryFile(t *testing.T) {
	t.Parallel()
	h := newFixture(t)
	if _, err := demo.Seed(t.Context(), h.pool, desk.Options{Blobs: h.files, Cost: account.Cost{Memory: 64, Time: 1}}); err != nil {
		t.Fatal(err)
	}
	to := newFixture(t)
	secrets := map[string]string{}
	summary, err := to.restore(h.archive(), backup.RestoreOptions{Secret: func(name string, body []byte) error {
		secrets[name] = string(body)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !summary.TakenAt.Equal(taken) {
		t.Errorf("the archive is of %v, want %v", summary.TakenAt, taken)
	}
	if !maps.Equal(secrets, map[string]string{"jwt-secret": "a secret"}) {
		t.Errorf("got the secrets %v", secrets)
	}
	if diff := cmp.Diff(h.contents(), to.contents()); diff != "" {
		t.Errorf("the restored desk differs (-source +restored):\n%s", diff)
	}
	report := to.verified()
	if report.Files != summary.Files {
		t.Errorf("got %d files, want %d", report.Files, summary.Files)
	}
	if report.Files == 0 {
		t.Errorf("got %d files, want another value", report.Files)
	}
}

func TestARestoredDeskAcceptsNewTickets(t *testing.T) {
	t.Parallel()
	h, first := newUsed(t)
	to := newFixture(t)
	if _, err := to.restore(h.archive(), backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	second, err := to.Tickets.Open(t.Context(), to.person("bob", account.RoleCustomer), desk.TicketInput{Subject: "New", Description: "New", Category: "Billing", Priority: "Low"})
	if err != nil {
		t.Fatal(err)
	}
	if second.ID <= first.ID {
		t.Errorf("the new ticket has the number %d, want more than %d", second.ID, first.ID)
	}
	to.verified() // the triggers count it
}

func TestABackupHasEveryCommentThatWasStoredBeforeIt(t *testing.T) {
	t.Parallel()
	const writers, before, during = 20, 5, 15
	h, ticket := newUsed(t)
	free := desk.New(h.pool, desk.Options{Blobs: h.files, Limits: limit.Limits{SignIn: limit.Defaults.SignIn}})
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	for i := range writers {
		author := h.person(fmt.Sprintf("staff%d", i), account.RoleAgent)
		ready.Add(1)
		done.Go(func() {
			for n := range before + during {
				if n == before {
					ready.Done()
					<-begin
				}
				if _, err := free.Comments.Add(t.Context(), author, ticket.ID, desk.MessageInput{Text: fmt.Sprintf("message %d of %d", n, i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	ready.Wait()
	close(begin)
	archive := h.archive()
	done.Wait()
	to := newFixture(t)
	if _, err := to.restore(archive, backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	to.verified()
	var stored int
	if err := to.pool.QueryRow(t.Context(), "select count(distinct body) from ticket_events where kind = 'message' and split_part(body, ' ', 2)::int < $1", before).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if stored != writers*before {
		t.Errorf("the restored desk has %d of %d messages that were stored before the backup", stored, writers*before)
	}
}

func TestADatabaseOfAnOlderSchemaIsRestoredAndMigrated(t *testing.T) {
	t.Parallel()
	for _, version := range []int64{16, 24} {
		old := unmigrated(t)
		migrateTo(t, old, version)
		addOldRows(t, old, version)
		h := fixture{t: t, pool: old, files: newFixture(t).files}
		archive := h.archive()
		to := fixture{t: t, pool: unmigrated(t), files: newFixture(t).files}
		summary, err := to.restore(archive, backup.RestoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if summary.Schema != version {
			t.Errorf("the archive has the schema %d, want %d", summary.Schema, version)
		}
		if err := db.Migrate(t.Context(), to.pool); err != nil {
			t.Fatal(err)
		}
		if report := to.verified(); report.Tickets != 1 {
			t.Errorf("the restored desk has %d tickets, want 1", report.Tickets)
		}
	}
}

func TestAnEncryptedBackupIsRestoredWithItsIdentityOnly(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	key, other := identity(t), identity(t)
	o := h.options()
	o.Recipients = []age.Recipient{key.Recipient()}
	var archive bytes.Buffer
	if _, err := backup.Write(t.Context(), h.pool, &archive, o); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(archive.Bytes(), []byte("manifest")) {
		t.Error("the archive is not encrypted")
	}
	to := newFixture(t)
	for name, with := range map[string][]age.Identity{"none": nil, "another": {other}} {
		if _, err := to.restore(archive.Bytes(), backup.RestoreOptions{Identities: with}); !errors.Is(err, backup.ErrEncrypted) {
			t.Errorf("with identity %s: got %v, want ErrEncrypted", name, err)
		}
	}
	to.isEmpty()
	if _, err := to.restore(archive.Bytes(), backup.RestoreOptions{Identities: []age.Identity{other, key}}); err != nil {
		t.Fatal(err)
	}
	to.verified()
}

// identity returns a new key for the encryption of archives.
func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}
