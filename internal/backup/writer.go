package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// writer writes an archive.
type writer struct {
	tar   *tar.Writer
	close []io.Closer // from the innermost to the outermost
	at    time.Time
	end   End
}

// newWriter begins an archive on w with its manifest. It is encrypted if there are
// recipients.
func newWriter(w io.Writer, recipients []age.Recipient, m Manifest) (*writer, error) {
	a := &writer{at: m.TakenAt, end: End{Tables: map[string]Sum{}}}
	if len(recipients) > 0 {
		sealed, err := age.Encrypt(w, recipients...)
		if err != nil {
			return nil, fmt.Errorf("encrypt: %w", err)
		}
		w = sealed
		a.close = append(a.close, sealed)
	}
	// One goroutine and a small window, because the desk serves meanwhile.
	packed, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	a.tar = tar.NewWriter(packed)
	a.close = append([]io.Closer{a.tar, packed}, a.close...)
	return a, a.json(manifestName, m)
}

// json adds an entry in JSON.
func (a *writer) json(name string, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return a.entry(name, body)
}

// entry adds an entry.
func (a *writer) entry(name string, body []byte) error {
	err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: a.at})
	if err != nil {
		return err
	}
	_, err = a.tar.Write(body)
	return err
}

// table adds the rows that read writes, and counts.
func (a *writer) table(name string, read func(io.Writer) (rows int64, err error)) error {
	p := &parts{archive: a, prefix: tablePrefix + name + "/", sum: sha256.New(), body: make([]byte, 0, partSize)}
	rows, err := read(p)
	if err != nil {
		return err
	}
	if err := p.flush(); err != nil {
		return err
	}
	a.end.Tables[name] = Sum{Rows: rows, Bytes: p.bytes, SHA256: p.sum.Sum(nil)}
	return nil
}

// parts writes a table in parts.
type parts struct {
	archive *writer
	prefix  string
	sum     hash.Hash
	body    []byte
	n       int
	bytes   int64
}

// Write implements [io.Writer].
func (p *parts) Write(b []byte) (int, error) {
	p.sum.Write(b)
	p.bytes += int64(len(b))
	for left := b; len(left) > 0; {
		room := min(partSize-len(p.body), len(left))
		p.body, left = append(p.body, left[:room]...), left[room:]
		if len(p.body) == partSize {
			if err := p.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

// flush writes the collected part.
func (p *parts) flush() error {
	if len(p.body) == 0 {
		return nil
	}
	p.n++
	err := p.archive.entry(fmt.Sprintf("%s%06d", p.prefix, p.n), p.body)
	p.body = p.body[:0]
	return err
}

// file adds an attachment. It returns an error if r has another size or checksum than is
// given.
func (a *writer) file(name string, size int64, sum []byte, r io.Reader) error {
	err := a.tar.WriteHeader(&tar.Header{Name: filePrefix + name, Mode: 0o600, Size: size, ModTime: a.at,
		Format: tar.FormatPAX, PAXRecords: map[string]string{sumRecord: hex.EncodeToString(sum)}})
	if err != nil {
		return err
	}
	if err := copyChecked(a.tar, r, size, sum); err != nil {
		return err
	}
	a.end.Files++
	a.end.FileBytes += size
	return nil
}

// secret adds a file of the data folder.
func (a *writer) secret(name string, body []byte) error {
	a.end.Secrets++
	return a.entry(secretPrefix+name, body)
}

// finish writes the last entry and ends the archive.
func (a *writer) finish() error {
	if err := a.json(endName, a.end); err != nil {
		return err
	}
	for _, c := range a.close {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}
