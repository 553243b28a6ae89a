package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// Misconfigured is an error of a bucket that only an operator can correct, with what to do.
type Misconfigured struct{ fix string }

// Error returns what is wrong and what to do.
func (m *Misconfigured) Error() string { return m.fix }

// Check stores a small blob, reads, lists and removes it. It returns [*Misconfigured] if the
// server refuses one of these, and another error if the server cannot be reached or does not
// work. A blob that it could not remove is swept later.
func (b *Bucket) Check(ctx context.Context) error {
	name, bucket := newName(), b.address.Bucket
	content := "a test of Frontdesk: it can be removed"
	for _, step := range []struct {
		right string
		run   func() error
	}{
		{"s3:PutObject", func() error {
			_, err := b.client.Client.PutObject(ctx, bucket, name, strings.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
			return err
		}},
		{"s3:GetObject", func() error { return b.readsBack(ctx, name, content) }},
		{"s3:ListBucket", func() error { return b.lists(ctx, name) }},
		{"s3:ListBucketMultipartUploads", func() error {
			for o := range b.client.Client.ListIncompleteUploads(ctx, bucket, name, true) {
				return o.Err
			}
			return nil
		}},
		{"s3:DeleteObject", func() error { return b.client.RemoveObject(ctx, bucket, name, minio.RemoveObjectOptions{}) }},
	} {
		if err := step.run(); err != nil {
			return b.explain(ctx, step.right, err)
		}
	}
	return nil
}

// readsBack returns an error unless a blob has this content.
func (b *Bucket) readsBack(ctx context.Context, name, content string) error {
	body, _, _, err := b.client.GetObject(ctx, b.address.Bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	got, err := io.ReadAll(io.LimitReader(body, int64(2*len(content))))
	if err == nil && string(got) != content {
		err = fmt.Errorf("%d bytes were stored, and %d others were read", len(content), len(got))
	}
	return err
}

// lists returns an error unless a blob is listed.
func (b *Bucket) lists(ctx context.Context, name string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for o := range b.client.ListObjectsIter(ctx, b.address.Bucket, minio.ListObjectsOptions{Prefix: name, Recursive: true}) {
		return o.Err
	}
	return errors.New("an object that was stored is not listed")
}

// explain returns what an operator can do about an error of the server.
func (b *Bucket) explain(ctx context.Context, right string, err error) error {
	fix := func(format string, args ...any) error { return &Misconfigured{fmt.Sprintf(format, args...)} }
	switch code := minio.ToErrorResponse(err).Code; code {
	case minio.NoSuchBucket:
		return fix("the bucket %s does not exist: make it, or correct the address", b)
	case minio.AccessDenied, "AllAccessDisabled", "AccountProblem":
		return fix("the key may not use the bucket %s as a desk needs (%s: %s): allow it s3:PutObject, s3:GetObject, s3:DeleteObject, s3:ListBucket, s3:ListBucketMultipartUploads and s3:AbortMultipartUpload", b, right, code)
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId", "XAdminUserNotFound", "AuthorizationHeaderMalformed", "InvalidRegion", "PermanentRedirect":
		return fix("the server of %s refuses the key (%s): correct key, secret and region in the address; characters such as / and + are written as %%2F and %%2B", b, code)
	case "RequestTimeTooSkewed":
		return fix("the clocks of this machine and of the server of %s differ too much (%s): set them right", b, code)
	}
	if strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return fix("the server of %s has no TLS: add ?tls=off to the address, or give the server a certificate", b)
	}
	return b.failed(ctx, "try "+right, err)
}

// CheckTime is how long a check of a bucket may take at the start of a desk.
const CheckTime = 5 * time.Second
