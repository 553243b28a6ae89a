package blob

import (
	"context"
	"time"

	"github.com/minio/minio-go/v7"
)

// SetSpace replaces the function that returns the free and total bytes of the file system.
func (s *Folder) SetSpace(space func() (free, total uint64)) {
	s.room.space = func() (uint64, uint64, error) {
		free, total := space()
		return free, total, nil
	}
}

// SetTimes sets how long a bucket waits for an answer or a byte.
func (b *Bucket) SetTimes(wait time.Duration) {
	b.times = times{answer: 2 * wait, stall: wait, mib: wait}
}

// BeginUpload begins an upload in parts.
func (b *Bucket) BeginUpload(ctx context.Context, name string) error {
	_, err := b.client.NewMultipartUpload(ctx, b.address.Bucket, name, minio.PutObjectOptions{})
	return err
}
