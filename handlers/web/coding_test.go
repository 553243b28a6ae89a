package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// unpack returns the decompressed text.
func unpack(coding string, packed []byte) ([]byte, error) {
	var from io.Reader
	var err error
	if coding == zstdCoding {
		from, err = zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1))
	} else {
		from, err = gzip.NewReader(bytes.NewReader(packed))
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(from)
}

// someText returns size bytes of text, which can be compressed a little.
func someText(size int) []byte {
	text := make([]byte, size)
	for i := range text {
		text[i] = "abcdefghij klm\n"[rand.IntN(15)]
	}
	return text
}

func TestAnAnswerOfAnySizeIsTheSameAfterUnpacking(t *testing.T) {
	t.Parallel()
	for _, coding := range []string{gzipCoding, zstdCoding} {
		for _, size := range []int{0, 1, 1400, 32_767, 32_768, 128 << 10, 128<<10 + 1, 1 << 20} {
			text := someText(size)
			var packed bytes.Buffer
			if err := compress(&packed, coding, text); err != nil {
				t.Fatal(err)
			}
			if got, err := unpack(coding, packed.Bytes()); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s of %d bytes: got other bytes, and the error %v", coding, size, err)
			}
		}
	}
}

func TestACoderOfAnAnswerThatBrokeOffIsUsedAgain(t *testing.T) {
	t.Parallel()
	text := someText(300 << 10)
	for _, coding := range []string{gzipCoding, zstdCoding} {
		var together sync.WaitGroup
		for range 8 {
			together.Go(func() {
				reader, writer := io.Pipe()
				reader.Close()
				z := NewCoder(coding, writer)
				if _, err := z.Write(text); err == nil {
					t.Errorf("%s: writing to a closed connection succeeds", coding)
				}
				z.Free()
				var packed bytes.Buffer
				if err := compress(&packed, coding, text); err != nil {
					t.Errorf("%s: %v", coding, err)
				}
				if got, err := unpack(coding, packed.Bytes()); err != nil || !bytes.Equal(got, text) {
					t.Errorf("%s: got other bytes, and the error %v", coding, err)
				}
			})
		}
		together.Wait()
	}
}
