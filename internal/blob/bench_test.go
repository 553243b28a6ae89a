package blob_test

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
)

// benchmarked runs a benchmark with files of several sizes, in a folder and in a bucket of versitygw.
func benchmarked(b *testing.B, run func(b *testing.B, l blob.Location, content []byte)) {
	for _, size := range []int{20 << 10, 1 << 20, 10 << 20} {
		b.Run(strconv.Itoa(size>>10)+"KiB/folder", func(b *testing.B) {
			folder, err := blob.OpenFolder(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			run(b, folder, random(size))
		})
		b.Run(strconv.Itoa(size>>10)+"KiB/bucket", func(b *testing.B) {
			run(b, blobtest.Gateway(b).OpenDirect(), random(size))
		})
	}
}

// BenchmarkUpload stores files, several at once.
func BenchmarkUpload(b *testing.B) {
	benchmarked(b, func(b *testing.B, l blob.Location, content []byte) {
		b.SetBytes(int64(len(content)))
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := l.Put(b.Context(), bytes.NewReader(content)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkDownload reads files to their end, several at once.
func BenchmarkDownload(b *testing.B) {
	benchmarked(b, func(b *testing.B, l blob.Location, content []byte) {
		name, err := l.Put(b.Context(), bytes.NewReader(content))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(content)))
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				f, err := l.Open(name)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, f); err != nil {
					b.Error(err)
				}
				f.Close()
			}
		})
	})
}
