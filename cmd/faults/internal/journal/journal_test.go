package journal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestMain runs the process of a journal if the test started it.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "journal" {
		if err := Serve(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// started starts a journal in a new file.
func started(t *testing.T) (*Journal, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal")
	j, err := Start(exec.Command(os.Args[0], "journal", path))
	if err != nil {
		t.Fatal(err)
	}
	return j, path
}

func TestAnEntryIsInTheFileWhenAddReturns(t *testing.T) {
	t.Parallel()
	j, path := started(t)
	for i := range 20 {
		want := Entry{Kind: Comment, Ticket: 7, Author: "Ana", Seq: int64(i), Text: "line\nbreak é"}
		if err := j.Add(want); err != nil {
			t.Fatal(err)
		}
		all, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != i+1 {
			t.Fatalf("got %d elements, want %d", len(all), i+1)
		}
		if all[i] != want {
			t.Fatalf("all[i] is %+v, want %+v", all[i], want)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func TestEntriesOfManyWritersAreAllKept(t *testing.T) {
	t.Parallel()
	j, path := started(t)
	var writers sync.WaitGroup
	for w := range 10 {
		writers.Go(func() {
			for i := range 50 {
				if err := j.Add(Entry{Text: fmt.Sprintf("%d of %d", i, w)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	all, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{}
	for _, e := range all {
		texts[e.Text] = true
	}
	if len(all) != 500 {
		t.Errorf("got %d elements, want 500", len(all))
	}
	if len(texts) != 500 {
		t.Errorf("got %d texts, want 500", len(texts))
	}
}

func TestAddFailsWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	j, path := started(t)
	if err := j.Add(Entry{Text: "kept"}); err != nil {
		t.Fatal(err)
	}
	if err := j.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-j.ended
	if err := j.Add(Entry{Text: "not kept"}); err == nil {
		t.Error("an entry was added to a journal without a process")
	}
	all, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(all), all)
	}
	if all[0].Text != "kept" {
		t.Errorf(`the text is %q, want "kept"`, all[0].Text)
	}
	_ = j.Close()
}

func TestAnIncompleteLineIsNoEntry(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	var out bytes.Buffer
	if err := Serve(path, strings.NewReader("{\"text\":\"whole\"}\n{\"text\":\"ha"), &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != "synced\n" {
		t.Errorf("the process confirmed %q, want one line", out.String())
	}
	if err := os.WriteFile(path, []byte("{\"text\":\"whole\"}\n{\"text\":\"ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := Read(path); err != nil || len(all) != 1 {
		t.Errorf("got %+v, %v, want one entry", all, err)
	}
}
