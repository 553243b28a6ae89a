// Package static holds the built stylesheet, scripts and pictures and serves them at
// addresses that contain a hash of the content, so that browsers may cache them without
// limit. All files are embedded in the binary.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

//go:embed dist
var dist embed.FS

// asset is one built file.
type asset struct {
	url         string // its hashed address
	contentType string
	etag        string
	plain       []byte
	gzipped     []byte // nil if that is not smaller
	brotli      []byte // made by build.mjs; nil if there is none
}

// contentTypes does not depend on the MIME table of the system, which differs between machines.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// assets returns the built files by name ("app.css") and by name with hash ("app.0123456789ab.css").
var assets = sync.OnceValue(func() map[string]*asset {
	entries, err := dist.ReadDir("dist")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	all := make(map[string]*asset, 2*len(entries))
	for _, entry := range entries {
		name := entry.Name()
		if path.Ext(name) == ".br" {
			continue
		}
		content, err := dist.ReadFile("dist/" + name)
		if err != nil {
			panic(err)
		}
		a := newAsset(name, content)
		all[name] = a
		all[path.Base(a.url)] = a
	}
	return all
})

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	a := &asset{
		url:         "/static/" + strings.TrimSuffix(name, ext) + "." + hash + ext,
		contentType: contentTypes[ext],
		etag:        `"` + hash + `"`,
		plain:       content,
	}
	if a.contentType == "" {
		a.contentType = "application/octet-stream"
	}
	if packed := compress(content); len(packed) < len(content) {
		a.gzipped = packed
	}
	// The name contains the hash, so a file compressed from other content is not found.
	if packed, err := dist.ReadFile("dist/" + path.Base(a.url) + ".br"); err == nil && len(packed) < len(content) {
		a.brotli = packed
	}
	return a
}

func compress(content []byte) []byte {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // a constant level and a buffer cannot fail
	}
	return packed.Bytes()
}

// URL returns the address of a built file: URL("app.css") is
// "/static/app.0123456789ab.css". It panics if there is no such file, which is a mistake in a
// template.
func URL(name string) string {
	a, ok := assets()[name]
	if !ok {
		panic(fmt.Sprintf("static: no asset is named %q", name))
	}
	return a.url
}
