// Package upload stores the content of uploaded files as blobs, and detects the type, the
// charset, the size and the hash of each file while it is read. It knows no tickets and no
// rows of the database.
package upload

import (
	"context"
	"errors"
	"io"
	"math"

	"frontdesk/internal/input"
)

// ErrEmpty is returned for a file without content.
var ErrEmpty = errors.New("the file is empty")

// Blobs stores the contents of files.
type Blobs interface {
	// Put stores all of r under a new name. If reading r fails, nothing is stored.
	Put(ctx context.Context, r io.Reader) (name string, err error)
	// Delete deletes a blob.
	Delete(name string) error
}

// File describes a file whose content is in the store of blobs. Name is the name of the
// blob, and Filename is the name that users see.
type File struct {
	Name, Filename       string
	ContentType, Charset string
	Size                 int64
	Sha256               []byte
}

// Store stores a file of any size and detects its type. It returns [ErrEmpty] for a file
// without content, which it does not store. The caller must write a row with the name of
// the blob within a day, or delete the blob, because blobs without a row are swept.
func Store(ctx context.Context, blobs Blobs, filename string, r io.Reader) (File, error) {
	return NewReader(r, math.MaxInt64).Store(ctx, blobs, input.CleanFilename(filename))
}

// Store is the function [Store] for the content that r reads and for a filename that is clean.
func (r *Reader) Store(ctx context.Context, blobs Blobs, filename string) (File, error) {
	name, err := blobs.Put(ctx, r)
	if err == nil && r.size == 0 {
		err = errors.Join(ErrEmpty, blobs.Delete(name))
	}
	if err != nil {
		return File{}, err
	}
	contentType, charset := r.fileType()
	return File{Name: name, Filename: filename, ContentType: contentType, Charset: charset, Size: r.size, Sha256: r.hash.Sum(nil)}, nil
}
