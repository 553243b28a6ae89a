package desk

import (
	"context"
	"errors"
	"io"
	"math"

	"frontdesk/internal/input"
)

// ErrEmptyFile is returned for a file without content.
var ErrEmptyFile = errors.New("the file is empty")

// StoredFile describes a file whose content is in the store of blobs. Name is the name of
// the blob, and Filename is the name that users see.
type StoredFile struct {
	Name, Filename       string
	ContentType, Charset string
	Size                 int64
	Sha256               []byte
}

// StoreFile stores a file of any size and detects its type. It returns [ErrEmptyFile] for a
// file without content, which it does not store. The caller must write a row with the name
// of the blob within a day, or delete the blob: see [Upkeep.Sweep].
func StoreFile(ctx context.Context, blobs Blobs, filename string, r io.Reader) (StoredFile, error) {
	return storeFile(ctx, blobs, input.CleanFilename(filename), newMeter(r, math.MaxInt64))
}

// storeFile is [StoreFile] for a clean filename and the content that m reads.
func storeFile(ctx context.Context, blobs Blobs, filename string, m *meter) (StoredFile, error) {
	name, err := blobs.Put(ctx, m)
	if err == nil && m.size == 0 {
		err = errors.Join(ErrEmptyFile, blobs.Delete(name))
	}
	if err != nil {
		return StoredFile{}, err
	}
	contentType, charset := m.fileType()
	return StoredFile{Name: name, Filename: filename, ContentType: contentType, Charset: charset, Size: m.size, Sha256: m.hash.Sum(nil)}, nil
}
