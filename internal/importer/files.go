package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/desk"
	"frontdesk/internal/upload"
)

// filesAtOnce is the number of files that are copied at the same time. Each is flushed to
// the disk.
const filesAtOnce = 8

// uploads are the folders with the files of the first system. Nothing outside of them can
// be reached, not even through links.
type uploads []*os.Root

// openUploads opens the folders. The caller must call close.
func openUploads(dirs []string) (uploads, error) {
	var all uploads
	for _, dir := range dirs {
		root, err := os.OpenRoot(dir)
		if err != nil {
			all.close()
			return nil, fmt.Errorf("the folder of --uploads cannot be read: %w", err)
		}
		all = append(all, root)
	}
	return all, nil
}

// close closes the folders.
func (u uploads) close() {
	for _, root := range u {
		_ = root.Close() // only read
	}
}

// errNotThere is the error of a file that is in none of the folders.
var errNotThere = errors.New("there is no such file in the folders of --uploads")

// find opens the file of an attachment, which the source stores as "/uploads/NAME" or as a
// URL that ends so. It returns the file's size and its name for users.
func (u uploads) find(attachment string) (f *os.File, size int64, name string, err error) {
	var first error // other than that the file does not exist
	for _, relative := range candidates(attachment) {
		for _, root := range u {
			if f, size, err = openRegular(root, relative); err == nil {
				return f, size, filename(relative), nil
			}
			if first == nil && !errors.Is(err, fs.ErrNotExist) {
				first = err
			}
		}
	}
	return nil, 0, "", cmp.Or(first, errNotThere)
}

// openRegular opens a regular file and returns its size. It does not open other files,
// because opening a pipe waits.
func openRegular(root *os.Root, relative string) (*os.File, int64, error) {
	info, err := root.Stat(relative)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("it is not a regular file")
	}
	f, err := root.Open(relative)
	return f, info.Size(), err
}

// candidates returns the paths under which an attachment may be in a folder: as stored, and
// decoded as a URL.
func candidates(attachment string) []string {
	relative := strings.TrimLeft(attachment, "/")
	if i := strings.LastIndex(attachment, "uploads/"); i >= 0 && (i == 0 || attachment[i-1] == '/') {
		relative = attachment[i+len("uploads/"):]
	} else if strings.Contains(attachment, "://") {
		relative = path.Base(attachment)
	}
	all := []string{relative}
	plain, _, _ := strings.Cut(relative, "?")
	if decoded, err := url.PathUnescape(plain); err == nil && decoded != relative {
		all = append(all, decoded)
	}
	return all
}

// stored matches the beginning of the names of stored files: the time in milliseconds.
var stored = regexp.MustCompile(`^\d{10,}[_-]`)

// filename returns the name of a file without the prefix that the first system added.
func filename(relative string) string {
	name := path.Base(relative)
	if rest := stored.ReplaceAllString(name, ""); rest != "" {
		return rest
	}
	return name
}

// attach calls store for the files of tickets, several at once. It returns the lines of the
// report, and an error if the desk cannot store files.
func attach(ctx context.Context, tickets []ticket, store func(ctx context.Context, path string) (*upload.File, error)) ([]Entry, error) {
	entries := make([]Entry, len(tickets))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(filesAtOnce)
	for i := range tickets {
		if tickets[i].path == "" {
			continue
		}
		group.Go(func() (err error) {
			entries[i], err = tickets[i].attach(ctx, store)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []Entry
	for _, e := range entries {
		if e.Kind != "" {
			all = append(all, e)
		}
	}
	return all, nil
}

// attach stores the file of a ticket. A file that is missing or empty is only reported.
func (t *ticket) attach(ctx context.Context, store func(ctx context.Context, path string) (*upload.File, error)) (Entry, error) {
	var missing *missingFile
	file, err := store(ctx, t.path)
	switch {
	case errors.As(err, &missing):
		return Entry{Kind: kindAttachment, OldID: t.path, Note: fmt.Sprintf("not imported, of ticket %d: %s", t.id, missing.reason)}, nil
	case err != nil:
		return Entry{}, err
	}
	t.file = file
	return Entry{Kind: kindAttachment, OldID: t.path, NewID: t.id, Seq: 1}, nil
}

// missingFile is the error of a file of the source that cannot be imported.
type missingFile struct{ reason error }

func (m *missingFile) Error() string { return m.reason.Error() }

// check returns the file of an attachment without its content, or [*missingFile]. It does
// not read the file.
func (u uploads) check(attachment string) (*upload.File, error) {
	f, size, name, err := u.find(attachment)
	if err != nil {
		return nil, &missingFile{err}
	}
	defer f.Close()
	if size == 0 {
		return nil, &missingFile{upload.ErrEmpty}
	}
	return &upload.File{Filename: name, Size: size}, nil
}

// copyTo stores the file of an attachment in the desk. It returns [*missingFile] if the
// file of the source is missing, empty or cannot be read.
func (u uploads) copyTo(ctx context.Context, blobs desk.Blobs, attachment string) (*upload.File, error) {
	f, _, name, err := u.find(attachment)
	if err != nil {
		return nil, &missingFile{err}
	}
	defer f.Close()
	r := &reader{f: f}
	stored, err := upload.Store(ctx, blobs, name, r)
	switch {
	case r.failed != nil:
		return nil, &missingFile{r.failed}
	case errors.Is(err, upload.ErrEmpty):
		return nil, &missingFile{upload.ErrEmpty}
	case err != nil:
		return nil, fmt.Errorf("store the file %s: %w", name, err)
	}
	return &stored, nil
}
