package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// reader reads an archive and checks it.
type reader struct {
	Manifest
	tar    *tar.Reader
	packed *zstd.Decoder
	header *tar.Header // the next entry, if it was read already
	seen   End         // what was read so far
}

// entryKind is the kind of an entry.
type entryKind int

const (
	tableEntry entryKind = iota
	fileEntry
	secretEntry
)

// item is a table, a file or a secret of an archive. Its body must be read before the next
// item.
type item struct {
	kind entryKind
	name string
	size int64  // of a file, in bytes
	sum  []byte // the SHA-256 of a file
	body io.Reader
}

// ageIntro is the beginning of a file that is encrypted with age.
const ageIntro = "age-encryption.org/"

// newReader reads the beginning of an archive, up to its manifest. It returns
// [ErrNotArchive], [ErrNewer], [ErrEncrypted] or [ErrDamaged].
func newReader(r io.Reader, identities []age.Identity) (*reader, error) {
	plain, err := decrypted(bufio.NewReaderSize(r, 256<<10), identities)
	if err != nil {
		return nil, err
	}
	packed, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotArchive, err)
	}
	a := &reader{tar: tar.NewReader(packed), packed: packed, seen: End{Tables: map[string]Sum{}}}
	if err := a.readManifest(); err != nil {
		packed.Close()
		return nil, err
	}
	return a, nil
}

// decrypted returns r, decrypted if it is encrypted.
func decrypted(r *bufio.Reader, identities []age.Identity) (io.Reader, error) {
	intro, err := r.Peek(len(ageIntro))
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it has %d bytes", ErrNotArchive, len(intro))
	case err != nil:
		return nil, err
	case string(intro) != ageIntro:
		return r, nil
	case len(identities) == 0:
		return nil, ErrEncrypted
	}
	plain, err := age.Decrypt(r, identities...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrEncrypted
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}

// readManifest reads the first entry.
func (a *reader) readManifest() error {
	h, err := a.tar.Next()
	switch {
	case errors.Is(err, zstd.ErrMagicMismatch), errors.Is(err, tar.ErrHeader), errors.Is(err, io.EOF):
		return ErrNotArchive
	case err != nil:
		return damaged(manifestName, err)
	case h.Name != manifestName:
		return ErrNotArchive
	}
	if err := a.json(h, &a.Manifest); err != nil || a.Program != program {
		return ErrNotArchive
	}
	if a.Format > Format {
		return fmt.Errorf("%w (its format is %d, this program knows %d)", ErrNewer, a.Format, Format)
	}
	return nil
}

// json reads an entry in JSON.
func (a *reader) json(h *tar.Header, v any) error {
	if h.Size > maxJSON {
		return fmt.Errorf("%w: %s is too long", ErrDamaged, h.Name)
	}
	if err := json.NewDecoder(a.tar).Decode(v); err != nil {
		return damaged(h.Name, err)
	}
	return nil
}

// damaged returns [ErrDamaged] with the entry at which err occurred.
func damaged(name string, err error) error {
	return fmt.Errorf("%w at %s: %w", ErrDamaged, name, err)
}

// close releases the memory of the reader.
func (a *reader) close() { a.packed.Close() }

// each calls visit for all items, and checks them and the end of the archive. It returns
// the first error of visit, or [ErrDamaged].
func (a *reader) each(visit func(item) error) error {
	for {
		h, err := a.next()
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%w: it is incomplete", ErrDamaged)
		case err != nil:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		case h.Name == endName:
			return a.checkEnd(h)
		}
		if err := a.visit(h, visit); err != nil {
			return err
		}
	}
}

// next returns the header of the next entry.
func (a *reader) next() (*tar.Header, error) {
	if h := a.header; h != nil {
		a.header = nil
		return h, nil
	}
	return a.tar.Next()
}

// visit calls visit for the item whose first entry has the header h.
func (a *reader) visit(h *tar.Header, visit func(item) error) error {
	folder, name, _ := strings.Cut(h.Name, "/")
	switch folder + "/" {
	case tablePrefix:
		name, _, _ = strings.Cut(name, "/")
		return a.visitTable(h, name, visit)
	case filePrefix:
		return a.visitFile(h, name, visit)
	case secretPrefix:
		a.seen.Secrets++
		return visit(item{kind: secretEntry, name: name, size: h.Size, body: a.tar})
	}
	return fmt.Errorf("%w: it has an unknown entry %q", ErrDamaged, h.Name)
}

// visitTable visits a table, whose first part has been found.
func (a *reader) visitTable(h *tar.Header, name string, visit func(item) error) error {
	if _, twice := a.seen.Tables[name]; twice {
		return fmt.Errorf("%w: the table %q is there twice", ErrDamaged, name)
	}
	t := &tableReader{archive: a, prefix: tablePrefix + name + "/", sum: sha256.New()}
	if err := visit(item{kind: tableEntry, name: name, body: t}); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, t); err != nil {
		return damaged(h.Name, err)
	}
	a.seen.Tables[name] = Sum{Bytes: t.bytes, SHA256: t.sum.Sum(nil), Rows: t.rows}
	return nil
}

// visitFile visits an attachment.
func (a *reader) visitFile(h *tar.Header, name string, visit func(item) error) error {
	sum, err := hex.DecodeString(h.PAXRecords[sumRecord])
	if err != nil || len(sum) != sha256.Size {
		return fmt.Errorf("%w: %s has no checksum", ErrDamaged, h.Name)
	}
	body := &checkedReader{r: a.tar, h: sha256.New(), sum: sum, name: h.Name}
	if err := visit(item{kind: fileEntry, name: name, size: h.Size, sum: sum, body: body}); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	a.seen.Files++
	a.seen.FileBytes += h.Size
	return nil
}

// checkedReader returns [ErrDamaged] instead of [io.EOF] if the bytes of r have another
// SHA-256.
type checkedReader struct {
	r    io.Reader
	h    hash.Hash
	sum  []byte
	name string
}

// Read implements [io.Reader].
func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.h.Write(p[:n])
	switch {
	case errors.Is(err, io.EOF) && !bytes.Equal(c.h.Sum(nil), c.sum):
		return n, fmt.Errorf("%w: %s has other bytes", ErrDamaged, c.name)
	case err != nil && !errors.Is(err, io.EOF):
		return n, damaged(c.name, err)
	}
	return n, err
}

// checkEnd compares what was read with the last entry.
func (a *reader) checkEnd(h *tar.Header) error {
	var want End
	if err := a.json(h, &want); err != nil {
		return err
	}
	for _, t := range a.Tables {
		got, want := a.seen.Tables[t.Name], want.Tables[t.Name]
		if want.Bytes == 0 {
			continue // an empty table has no entry
		}
		if got.Rows != want.Rows || !bytes.Equal(got.SHA256, want.SHA256) {
			return fmt.Errorf("%w: the table %s has %d rows (%d bytes), and had %d (%d bytes)", ErrDamaged, t.Name, got.Rows, got.Bytes, want.Rows, want.Bytes)
		}
	}
	if a.seen.Files != want.Files || a.seen.FileBytes != want.FileBytes || a.seen.Secrets != want.Secrets {
		return fmt.Errorf("%w: it has %d of %d files", ErrDamaged, a.seen.Files, want.Files)
	}
	if _, err := a.tar.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it goes on after its end", ErrDamaged)
	}
	rest := &padding{}
	if _, err := io.Copy(rest, a.packed); err != nil { // the checksum of the last block
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if rest.other {
		return fmt.Errorf("%w: it goes on after its end", ErrDamaged)
	}
	return nil
}

// padding records whether anything but the zeros after the end of a tar file was written to it.
type padding struct{ other bool }

// Write implements [io.Writer].
func (p *padding) Write(b []byte) (int, error) {
	p.other = p.other || len(bytes.Trim(b, "\x00")) > 0
	return len(b), nil
}
