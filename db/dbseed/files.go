package dbseed

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// file attaches a file to an entry of a ticket.
func (m *maker) file(id, seq int, owner int64, at time.Time) {
	i := id / 8 % fileSizes
	m.files = append(m.files, []any{int64(id), fileName(id), int64(id), int64(seq), owner, fmt.Sprintf("bench-%d-%d", id, seq),
		m.text(2) + ".pdf", "application/pdf", fileSize(i), fileSums()[i], at})
}

// fileSizes is how many sizes files have, from 1 KiB to 8 MiB.
const fileSizes = 64

func fileSize(i int) int64 { return int64(1024 * math.Pow(8192, float64(i)/(fileSizes-1))) }

// fileSums are the SHA-256 sums of that many zeros, the content of a sparse file.
var fileSums = sync.OnceValue(func() (sums [fileSizes][]byte) {
	for i := range sums {
		h := sha256.New()
		io.CopyN(h, zeros{}, fileSize(i)) // neither end can fail
		sums[i] = h.Sum(nil)
	}
	return sums
})

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// fileName is the name under which the file of a ticket is stored.
func fileName(id int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "bench-%d", id))
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(sum[:16])
}

// makeFiles makes the files of the desk as its store lays them out.
func makeFiles(o Options) error {
	for id := 8; id <= o.Tickets; id += 8 {
		name := fileName(id)
		dir := filepath.Join(o.Uploads, name[:2])
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		err = f.Truncate(fileSize(id / 8 % fileSizes))
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}
