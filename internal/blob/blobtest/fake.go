package blobtest

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is a server of S3 with one bucket, in memory. It implements the requests that [blob.Bucket] sends.
type fake struct {
	mu      sync.Mutex
	objects map[string]stored
	uploads map[string]*unfinished
}

// stored is an object.
type stored struct {
	content []byte
	written time.Time
}

// unfinished is an upload in parts.
type unfinished struct {
	name  string
	begun time.Time
	parts map[int][]byte
}

func newFake() *fake { return &fake{objects: map[string]stored{}, uploads: map[string]*unfinished{}} }

// ServeHTTP implements [http.Handler].
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	body, err := content(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	query := r.URL.Query()
	switch {
	case err != nil:
		fail(w, http.StatusBadRequest, "IncompleteBody")
	case !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/"):
		fail(w, http.StatusForbidden, "InvalidAccessKeyId")
	case bucket != Bucket:
		fail(w, http.StatusNotFound, "NoSuchBucket")
	case name == "" && query.Has("uploads"):
		f.listUploads(w)
	case name == "":
		f.list(w, query.Get("prefix"))
	case query.Has("uploads") || query.Has("uploadId"):
		f.multipart(w, r, name, body)
	default:
		f.object(w, r, name, body)
	}
}

// content reads the body of a request. One that is signed in chunks has the length of each
// chunk before it.
func content(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var all bytes.Buffer
	for in := bufio.NewReader(r.Body); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(strings.TrimSpace(length), 16, 64)
		if err != nil || n == 0 {
			return all.Bytes(), err
		}
		if _, err := io.CopyN(&all, in, n); err != nil {
			return nil, err
		}
		if _, err := in.Discard(len("\r\n")); err != nil {
			return nil, err
		}
	}
}

// object answers a request for an object.
func (f *fake) object(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	found, exists := f.objects[name]
	switch {
	case r.Method == http.MethodPut:
		sum := md5.Sum(body)
		if want := r.Header.Get("Content-Md5"); want != "" && want != base64.StdEncoding.EncodeToString(sum[:]) {
			fail(w, http.StatusBadRequest, "BadDigest")
			return
		}
		if r.Header.Get("If-None-Match") == "*" && exists {
			fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
			return
		}
		f.objects[name] = stored{body, time.Now()}
		w.Header().Set("ETag", etag(body))
	case r.Method == http.MethodDelete:
		delete(f.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case !exists:
		fail(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", etag(found.content))
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", found.written, bytes.NewReader(found.content))
	}
}

// etag returns the entity tag of an object.
func etag(content []byte) string {
	sum := md5.Sum(content)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// multipart answers a request for an upload in parts.
func (f *fake) multipart(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	id := r.URL.Query().Get("uploadId")
	up := f.uploads[id]
	switch {
	case id == "":
		id = strconv.Itoa(len(f.uploads) + 1)
		f.uploads[id] = &unfinished{name, time.Now(), map[int][]byte{}}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case up == nil || up.name != name:
		fail(w, http.StatusNotFound, "NoSuchUpload")
	case r.Method == http.MethodPut:
		number, _ := strconv.Atoi(r.URL.Query().Get("partNumber"))
		up.parts[number] = body
		w.Header().Set("ETag", etag(body))
	case r.Method == http.MethodDelete:
		delete(f.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		var all []byte
		for _, number := range slices.Sorted(maps.Keys(up.parts)) {
			all = append(all, up.parts[number]...)
		}
		f.objects[name] = stored{all, time.Now()}
		delete(f.uploads, id)
		fmt.Fprintf(w, xml.Header+"<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>%s</ETag></CompleteMultipartUploadResult>", Bucket, name, etag(all))
	}
}

// listing is the answer to a list of objects.
type listing struct {
	XMLName  xml.Name `xml:"ListBucketResult"`
	Contents []listed
}

// listed is an object or an upload in a list.
type listed struct {
	Key          string
	UploadId     string `xml:",omitempty"`
	LastModified string `xml:",omitempty"`
	Initiated    string `xml:",omitempty"`
	Size         int
}

// list answers with all objects.
func (f *fake) list(w http.ResponseWriter, prefix string) {
	var all listing
	for _, name := range slices.Sorted(maps.Keys(f.objects)) {
		if strings.HasPrefix(name, prefix) {
			o := f.objects[name]
			all.Contents = append(all.Contents, listed{Key: name, LastModified: o.written.UTC().Format(time.RFC3339), Size: len(o.content)})
		}
	}
	_ = xml.NewEncoder(w).Encode(all) // the client may be gone
}

// listUploads answers with all unfinished uploads.
func (f *fake) listUploads(w http.ResponseWriter) {
	var all struct {
		XMLName xml.Name `xml:"ListMultipartUploadsResult"`
		Upload  []listed
	}
	for id, up := range f.uploads {
		all.Upload = append(all.Upload, listed{Key: up.name, UploadId: id, Initiated: up.begun.UTC().Format(time.RFC3339)})
	}
	_ = xml.NewEncoder(w).Encode(all)
}
