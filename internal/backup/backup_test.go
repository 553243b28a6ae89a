package backup_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
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
	if report := to.verified(); report.Files != summary.Files || report.Files == 0 {
		t.Errorf("%d files were verified, and %d restored", report.Files, summary.Files)
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
		addOldRows(t, old)
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

func TestABackupWithoutAnAttachmentIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"missing": os.Remove,
		"shorter": func(path string) error { return os.Truncate(path, 3) },
		"altered": func(path string) error { return os.WriteFile(path, []byte("the bytes of a FILE"), 0o600) },
		"longer":  func(path string) error { return os.WriteFile(path, []byte("the bytes of a file and more"), 0o600) },
	} {
		h, _ := newUsed(t)
		if err := change(h.onlyFile()); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "archive")
		if _, err := backup.WriteFile(t.Context(), h.pool, to, h.options()); !errors.Is(err, backup.ErrMissingFile) {
			t.Errorf("%s: got %v, want ErrMissingFile", name, err)
		}
		if left, err := os.ReadDir(filepath.Dir(to)); err != nil || len(left) > 0 {
			t.Errorf("%s: the folder has %v (%v), want nothing", name, left, err)
		}
		report, err := backup.Verify(t.Context(), h.pool, h.files, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Problems) != 1 || report.Problems[0].Check != "file" {
			t.Errorf("%s: verify reports %v, want one file", name, report.Problems)
		}
	}
}

// onlyFile returns the path of the only file of the desk.
func (h fixture) onlyFile() string {
	h.t.Helper()
	all, err := filepath.Glob(filepath.Join(h.dir, "*", "*"))
	if err != nil || len(all) != 1 {
		h.t.Fatalf("the folder has %v (%v), want one file", all, err)
	}
	return all[0]
}

func TestAFileOfADeletedTicketIsKeptDuringABackup(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	path := h.onlyFile()
	old := taken.AddDate(0, 0, -30)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	s, err := db.OpenSnapshot(t.Context(), h.pool)
	if err != nil {
		t.Fatal(err)
	}
	h.exec("delete from attachments")
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("while a backup runs: %v, want the file", err)
	}
	s.Close()
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after the backup: %v, want no file", err)
	}
}

func TestABackupIsANewFileThatOnlyItsOwnerReads(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	path := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(path+".part", bytes.Repeat([]byte("left by a killed backup "), 100_000), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.WriteFile(t.Context(), h.pool, path, h.options()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the mode is %v, want 0600", info.Mode())
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.VerifyArchive(t.Context(), bytes.NewReader(body), nil); err != nil {
		t.Error(err)
	}
	if _, err := backup.WriteFile(t.Context(), h.pool, path, h.options()); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("over a file: got %v, want an error", err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, body) {
		t.Errorf("the file has changed (%v)", err)
	}
}

func TestTwoBackupsToOneFileAreRefused(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	path := filepath.Join(t.TempDir(), "archive")
	running, err := os.Create(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if err := syscall.Flock(int(running.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.WriteFile(t.Context(), h.pool, path, h.options()); err == nil || !strings.Contains(err.Error(), "another backup") {
		t.Errorf("got %v, want an error about another backup", err)
	}
	if _, err := os.Stat(path + ".part"); err != nil {
		t.Errorf("the file of the other backup: %v", err)
	}
}

func TestAnInterruptedBackupLeavesNoFile(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	dir := t.TempDir()
	if _, err := backup.WriteFile(stopped(), h.pool, filepath.Join(dir, "archive"), h.options()); err == nil {
		t.Error("got no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the folder has %v (%v), want nothing", left, err)
	}
}

func TestABackupToAFullDiskIsAnError(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("the system has no /dev/full: %v", err)
	}
	defer full.Close()
	h, _ := newUsed(t)
	if _, err := backup.Write(t.Context(), h.pool, full, h.options()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	if _, err := backup.Write(t.Context(), h.pool, io.Discard, h.options()); err != nil {
		t.Errorf("the next backup: %v", err)
	}
}
