package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"frontdesk/internal/backup"
	"frontdesk/internal/blob"
	"frontdesk/internal/input"
)

// BlobsCmd has the commands about attachments.
type BlobsCmd struct {
	Move BlobsMoveCmd `cmd:"" help:"Copy all attachments to a bucket or to the folder, also while the desk serves; see docs/cluster.md."`
}

// BlobsMoveCmd moves attachments to another location.
type BlobsMoveCmd struct {
	To     string `required:"" placeholder:"s3://HOST/BUCKET" help:"The new location: folder for UPLOAD_DIR, or the address of a bucket, without its key if BLOB_URL or BLOB_READ_URL has it."`
	Remove bool   `help:"Also remove what is in the new location from the others. The desk must write to the new location already."`
	JSON   bool   `help:"Print the result as JSON."`
}

// Run moves, also beside a running desk, and can be repeated. It returns [errDiffers] if some attachments
// are missing or damaged.
func (c BlobsMoveCmd) Run(ctx context.Context, cfg *Config) error {
	a, err := open(ctx, cfg, reading)
	if err != nil {
		return err
	}
	defer a.close()
	to, from, err := a.moveLocations(c.To)
	if err != nil {
		return err
	}
	defer to.Close()
	if c.Remove && to.String() != a.files.String() {
		return fmt.Errorf("files are removed only from locations that the desk does not write to, and it writes to %s: set BLOB_URL (unset it for the folder), restart the desk, and run this again", a.files)
	}
	if b, isBucket := to.(*blob.Bucket); isBucket {
		if err := b.Check(ctx); err != nil {
			return err
		}
	}
	report, err := backup.Move(ctx, a.pool, backup.MoveOptions{To: to, From: from, Remove: c.Remove, Progress: showBytes("move")})
	if err != nil {
		return fmt.Errorf("%w (%d files were copied and %d removed; run the command again, and it continues)", err, report.Copied, report.Removed)
	}
	c.print(report, to)
	if len(report.Problems) > 0 {
		return errDiffers
	}
	return nil
}

// print prints the result.
func (c BlobsMoveCmd) print(r backup.MoveReport, to blob.Location) {
	if c.JSON {
		printJSON(os.Stdout, r)
		return
	}
	for _, p := range r.Problems {
		fmt.Printf("%s: %s\n", p.Check, p.What)
	}
	fmt.Printf("%d files (%s) are in %s; %d of them (%s) were copied now, and %d removed from where they were. Problems: %d\n",
		r.Files, input.Bytes(r.FileBytes), to, r.Copied, input.Bytes(r.CopiedBytes), r.Removed, len(r.Problems))
}

// moveLocations returns the location that text names, and the other locations of the desk.
func (a *app) moveLocations(text string) (to blob.Location, from []blob.Location, err error) {
	if to, err = a.moveLocation(text); err != nil {
		return nil, nil, fmt.Errorf("--to: %w", err)
	}
	for _, l := range a.files.Locations() {
		if l.String() != to.String() {
			from = append(from, l)
		}
	}
	if len(from) == 0 {
		return nil, nil, errors.New("the settings name no other location with attachments: set BLOB_READ_URL to the bucket that they are in")
	}
	return to, from, nil
}

// moveLocation returns the location that text names: one of the desk, or another bucket.
func (a *app) moveLocation(text string) (blob.Location, error) {
	name := a.uploads()
	if text != "folder" {
		if !strings.HasPrefix(text, blob.Scheme) {
			return nil, fmt.Errorf("%q is neither folder nor the address of a bucket, which begins with %s", text, blob.Scheme)
		}
		address, err := blob.ParseAddress(text)
		if err != nil {
			return nil, err
		}
		if address.Key != "" {
			return blob.OpenBucket(address, a.dataDir)
		}
		name = address.String()
	}
	for _, l := range a.files.Locations() {
		if l.String() == name {
			return l, nil
		}
	}
	if text == "folder" {
		return blob.OpenFolder(name)
	}
	return nil, fmt.Errorf("the bucket %s is not in the settings: write its key into the address, or set BLOB_READ_URL", text)
}
