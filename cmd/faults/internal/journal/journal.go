// Package journal records acknowledged writes in a file that a separate process writes and syncs,
// so that a crash of the desk, or of the program that sends the writes, cannot hide a loss.
package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Kinds of entries.
const (
	Message = "message" // a chat message
	Comment = "comment"
	File    = "file" // an attachment of a ticket
)

// Entry is one acknowledged write.
type Entry struct {
	Kind   string    `json:"kind"`
	Ticket int64     `json:"ticket"`
	Author string    `json:"author"`        // unique for each person; a person writes one thing after another
	Seq    int64     `json:"seq,omitempty"` // in the ticket's log; 0 if the answer has none
	Text   string    `json:"text"`          // unique; of a file its SHA-256 in hexadecimal
	At     time.Time `json:"at"`            // when it was acknowledged
}

// Journal is the running process that writes a journal.
type Journal struct {
	cmd *exec.Cmd

	mu      sync.Mutex // protects the fields below, and the order of writes
	in      io.WriteCloser
	waiting []chan struct{} // callers of Add, in the order of their entries
	ended   chan struct{}   // closed when the process writes no more
}

// Start starts cmd, a process that calls [Serve] with its standard input and output. It is in a
// separate process group, so that an interrupt of the terminal does not end it.
func Start(cmd *exec.Cmd) (*Journal, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	separate(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	j := &Journal{cmd: cmd, in: in, ended: make(chan struct{})}
	go j.confirm(out)
	return j, nil
}

// confirm ends the wait of one caller of Add for each line of the process.
func (j *Journal) confirm(out io.Reader) {
	defer close(j.ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		j.mu.Lock()
		if len(j.waiting) > 0 {
			close(j.waiting[0])
			j.waiting = j.waiting[1:]
		}
		j.mu.Unlock()
	}
}

// Add adds an entry and returns when it is synced to the disk.
func (j *Journal) Add(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	synced := make(chan struct{})
	j.mu.Lock()
	if _, err = j.in.Write(append(line, '\n')); err == nil {
		j.waiting = append(j.waiting, synced)
	}
	j.mu.Unlock()
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	select {
	case <-synced:
		return nil
	case <-j.ended:
		return errors.New("journal: its process has ended")
	}
}

// Close ends the process. Call it after the last call of Add has returned.
func (j *Journal) Close() error {
	j.mu.Lock()
	err := j.in.Close()
	j.mu.Unlock()
	<-j.ended
	return errors.Join(err, j.cmd.Wait())
}

// Read returns the entries of a journal. The file may be read while its process runs.
func Read(path string) ([]Entry, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []Entry
	for line := range strings.Lines(string(body)) {
		if !strings.HasSuffix(line, "\n") {
			break // it is being written and is not acknowledged yet
		}
		var e Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return nil, fmt.Errorf("journal %s: %w", path, err)
		}
		all = append(all, e)
	}
	return all, nil
}
