package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"frontdesk/internal/backup"
	"frontdesk/internal/input"
)

// BackupCmd writes the desk to one file.
type BackupCmd struct {
	To        string   `arg:"" name:"file" help:"New file to write; a folder with --keep; - for standard output."`
	Keep      *string  `placeholder:"7d4w" help:"Write to a new file in the folder, and then keep the newest backup of each of the last 7 days and 4 weeks there (m for months)."`
	NoSecrets bool     `help:"Leave out the key of API tokens: a restored desk has another one, and tokens of the API must be made again."`
	Recipient []string `placeholder:"age1…" help:"Encrypt the backup with age for this public key, or for the keys in a file of this name. Repeat it for several." sep:"none"`
	Fast      bool     `help:"Do not rest in between. A backup rests two thirds of its time if a desk may serve meanwhile, so that pages stay quick."`
	JSON      bool     `help:"Print the result as JSON."`
}

// Run writes the backup, also beside a running desk.
func (c BackupCmd) Run(ctx context.Context, cfg *Config) error {
	recipients, err := recipients(c.Recipient)
	if err != nil {
		return err
	}
	keep, err := c.keep()
	if err != nil {
		return err
	}
	a, err := open(ctx, cfg, reading)
	if err != nil {
		return err
	}
	defer a.close()
	opts := backup.Options{Files: a.files, Recipients: recipients, Version: version(), Now: time.Now(), Progress: showBytes("backup")}
	opts.Paced = !c.Fast && a.cluster == nil // nothing else uses a database that this command has started
	if !c.NoSecrets {
		if opts.Secrets, err = a.secrets(); err != nil {
			return err
		}
	}
	replica := a.openReplica(ctx)
	if replica != nil {
		defer replica.Close()
	}
	opts.Replica, opts.OnPrimary = replica, a.replicaUnused
	if c.To == "-" {
		summary, err := backup.Write(ctx, a.pool, os.Stdout, opts)
		if err == nil {
			c.print(os.Stderr, summary, "standard output")
		}
		return err
	}
	return c.writeFile(ctx, a, keep, opts)
}

// keep returns the rule of --keep. It returns an error if the name of the backup is missing, or does not fit the rule.
func (c BackupCmd) keep() (keep backup.Keep, err error) {
	switch {
	case c.To == "":
		return keep, errors.New("the name of the backup is empty")
	case c.Keep != nil && c.To == "-":
		return keep, errors.New("--keep needs a folder, and standard output is none")
	case c.Keep != nil:
		return backup.ParseKeep(*c.Keep)
	}
	return keep, nil
}

// writeFile writes the backup to a file. With --keep, the file gets a name in a folder, and old backups are removed there.
func (c BackupCmd) writeFile(ctx context.Context, a *app, keep backup.Keep, opts backup.Options) error {
	path := c.To
	if c.Keep != nil {
		path = backup.NewPath(c.To, opts.Now, len(opts.Recipients) > 0)
	}
	summary, err := backup.WriteFile(ctx, a.pool, path, opts)
	if err != nil {
		return err
	}
	c.print(os.Stdout, summary, path)
	if c.Keep == nil {
		return nil
	}
	removed, err := keep.Prune(c.To)
	for _, name := range removed {
		fmt.Fprintln(os.Stderr, "removed", filepath.Join(c.To, name))
	}
	return err
}

// print prints the result.
func (c BackupCmd) print(w io.Writer, s backup.Summary, path string) {
	if c.JSON {
		printJSON(w, struct {
			File string `json:"file"`
			backup.Summary
		}{path, s})
		return
	}
	fmt.Fprintf(w, "The backup is in %s: %s, as of %s.\n", path, contents(s), s.TakenAt.Format("2006-01-02 15:04:05 UTC"))
	if !s.Encrypted {
		fmt.Fprintln(w, "It is not encrypted: keep it where nobody else can read it.")
	}
}

// contents returns a text about the contents of an archive.
func contents(s backup.Summary) string {
	return fmt.Sprintf("%d rows, %d files (%s), %d secrets", s.Rows, s.Files, input.Bytes(s.FileBytes), s.Secrets)
}

// secretFiles are the files of the data folder that a backup has.
var secretFiles = []string{"jwt-secret"}

// secrets reads the secret files that exist.
func (a *app) secrets() (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, name := range secretFiles {
		body, err := os.ReadFile(filepath.Join(a.dataDir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all[name] = body
	}
	return all, nil
}

// recipients parses public keys, or files with one on each line.
func recipients(keys []string) (all []age.Recipient, err error) {
	for _, key := range keys {
		if strings.TrimSpace(key) == "" {
			return nil, errors.New("--recipient is empty: give a public key of age (age1…), or leave the flag out to write a backup that is not encrypted")
		}
		text := io.Reader(strings.NewReader(key))
		if !strings.HasPrefix(key, "age1") {
			f, err := os.Open(key)
			if err != nil {
				return nil, fmt.Errorf("--recipient %q is neither a public key of age (age1…) nor a file: %w", key, err)
			}
			defer f.Close()
			text = f
		}
		some, err := age.ParseRecipients(text)
		if err != nil {
			return nil, fmt.Errorf("--recipient %q: %w", key, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// identities reads files with private keys of age.
func identities(files []string) (all []age.Identity, err error) {
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		some, err := age.ParseIdentities(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// printJSON prints v as one line.
func printJSON(w io.Writer, v any) {
	// The values have no types that cannot be encoded.
	_ = json.NewEncoder(w).Encode(v)
}

// showBytes returns a function that prints the progress of what to standard error, at most
// once a second, with the time that is left.
func showBytes(what string) backup.Progress {
	var begun, printed time.Time
	return func(done, total int64) {
		now := time.Now()
		if begun.IsZero() {
			begun, printed = now, now
		}
		if now.Sub(printed) < time.Second {
			return
		}
		printed = now
		text := fmt.Sprintf("%s: %s of about %s", what, input.Bytes(done), input.Bytes(total))
		if rate := float64(done) / now.Sub(begun).Seconds(); done < total {
			text += fmt.Sprintf(", %v left", time.Duration(float64(total-done)/rate*float64(time.Second)).Round(time.Second))
		}
		fmt.Fprintln(os.Stderr, text)
	}
}
