package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"frontdesk/internal/blob"
)

// buckets returns the addresses of BLOB_URL and BLOB_READ_URL that are set, by the names of
// the settings.
func (c *Config) buckets() (map[string]blob.Address, error) {
	all := map[string]blob.Address{}
	for name, text := range map[string]string{"BLOB_URL": c.BlobURL, "BLOB_READ_URL": c.BlobReadURL} {
		if text == "" {
			continue
		}
		address, err := blob.ParseAddress(text)
		if err == nil && address.Key == "" {
			err = errors.New("it has no key: write s3://KEY:SECRET@HOST/BUCKET")
		}
		if err != nil {
			return nil, fmt.Errorf("%s is not the address of a bucket: %w", name, err)
		}
		all[name] = address
	}
	return all, nil
}

// uploads returns the path of the folder of attachments.
func (a *app) uploads() string { return cmp.Or(a.cfg.UploadDir, filepath.Join(a.dataDir, "uploads")) }

// openFiles opens the locations of attachments: the bucket of BLOB_URL or, by default, the folder,
// which it makes if it is missing; and those that are only read.
func (a *app) openFiles(ctx context.Context) error {
	buckets, err := a.cfg.buckets()
	if err != nil {
		return err
	}
	var locations []blob.Location
	for _, name := range []string{"BLOB_URL", "BLOB_READ_URL"} {
		address, set := buckets[name]
		if !set {
			continue
		}
		b, err := blob.OpenBucket(address, a.dataDir)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		locations = append(locations, b)
	}
	folder, err := a.openUploads()
	switch {
	case err != nil:
		return err
	case a.cfg.BlobURL == "":
		locations = append([]blob.Location{folder}, locations...)
	case folder != nil:
		locations = append(locations, folder)
	}
	a.files = blob.NewStore(locations[0], locations[1:]...)
	return a.checkBucket(ctx)
}

// openUploads opens the folder of attachments. With BLOB_URL it is only read, and the result
// is nil if there is none. Otherwise it makes the folder if it is missing.
func (a *app) openUploads() (blob.Location, error) {
	dir := a.uploads()
	if a.cfg.BlobURL != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, nil
		}
	}
	folder, err := blob.OpenFolder(dir)
	if err == nil && a.cfg.BlobURL == "" {
		err = probe(dir)
	}
	if err != nil {
		return nil, writable(err, dir, "UPLOAD_DIR")
	}
	return folder, nil
}

// bucket returns the bucket that attachments are written to, or nil.
func (a *app) bucket() *blob.Bucket {
	if a.files == nil {
		return nil
	}
	b, _ := a.files.Location.(*blob.Bucket)
	return b
}

// walkBucketEvery is the time between two searches for objects that no row needs. A server of S3
// may charge for listing them, and they are kept for a day anyway.
const walkBucketEvery = 6 * time.Hour

// checkBucket checks the bucket before a desk is served. It returns an error if its settings must
// be corrected. If the bucket is only unavailable, the desk starts without it, and requests for
// files are answered with 503 until it is available.
func (a *app) checkBucket(ctx context.Context) error {
	b := a.bucket()
	if b == nil || a.mode != serving {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, blob.CheckTime)
	defer stop()
	err := b.Check(ctx)
	var wrong *blob.Misconfigured
	if errors.As(err, &wrong) {
		return fmt.Errorf("BLOB_URL: %w", err)
	}
	if err != nil {
		a.log.Error("storage failed", "error", err, "reason", "the bucket of BLOB_URL is not available; the desk serves without attachments until it is")
	}
	return nil
}

// probe returns an error if no file can be made in a folder. It makes one and removes it.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
