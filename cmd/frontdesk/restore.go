package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"frontdesk/db"
	"frontdesk/internal/backup"
	"frontdesk/internal/durable"
	"frontdesk/internal/killpoint"
)

// RestoreCmd fills an empty desk from a backup.
type RestoreCmd struct {
	From     string   `arg:"" name:"file" help:"The backup; - for standard input."`
	Identity []string `placeholder:"FILE" help:"File with the private key of age for an encrypted backup. Repeat it for several." type:"existingfile"`
	JSON     bool     `help:"Print the result as JSON."`
}

// Run restores, and migrates the restored desk to the schema of this program. The
// database must be empty, and the desk must not be running.
func (c RestoreCmd) Run(ctx context.Context, cfg *Config) error {
	if err := refuseDataFolder(cfg); err != nil {
		return err
	}
	keys, err := identities(c.Identity)
	if err != nil {
		return err
	}
	archive, err := openArchive(c.From)
	if err != nil {
		return err
	}
	defer archive.Close()
	a, err := open(ctx, cfg, restoring)
	if err != nil {
		return err
	}
	defer a.close()
	interrupted, err := a.interruptedRestore()
	if err != nil {
		return err
	}
	summary, err := backup.Restore(ctx, a.pool, archive, backup.RestoreOptions{
		Files: a.files.NewRestorer(), Begin: func() error { return a.beginRestore(c.From) }, Secret: a.storeSecret, Identities: keys, EndMails: true, Progress: showBytes("restore")})
	if errors.Is(err, backup.ErrInUse) && interrupted != "" {
		// Only the interrupted restore can have filled the desk.
		fmt.Fprintf(os.Stderr, "The restore of %s had stored everything before it was interrupted.\n", interrupted)
		return a.migrateRestored(ctx)
	}
	if err != nil {
		return a.explainRestore(ctx, err, interrupted)
	}
	if err := a.migrateRestored(ctx); err != nil {
		return err
	}
	if c.JSON {
		printJSON(os.Stdout, summary)
		return nil
	}
	fmt.Printf("The desk is restored as of %s: %s.\n", summary.TakenAt.Format("2006-01-02 15:04:05 UTC"), contents(summary))
	return nil
}

// explainRestore returns the error of a failed restore with its remedy. It removes the mark of
// this restore, unless it was cancelled; see [app.failRestore] for interrupted.
func (a *app) explainRestore(ctx context.Context, err error, interrupted string) error {
	switch {
	case errors.Is(err, backup.ErrInUse):
		return fmt.Errorf("%w: a backup can be restored into an empty desk only: set DATA_DIR to a new folder, or DATABASE_URL and UPLOAD_DIR to new ones", err)
	case ctx.Err() != nil: // the mark stays, so that the empty desk is not used
		return err
	case a.cluster != nil:
		err = a.cluster.Explain(err)
	}
	return errors.Join(err, a.failRestore(interrupted))
}

// refuseDataFolder returns an error if DATA_DIR is not set and the current folder is the data folder
// of a desk: the default would be another folder.
func refuseDataFolder(cfg *Config) error {
	if cfg.DataDir != "" {
		return nil
	}
	for _, name := range []string{"jwt-secret", "uploads", "postgres", restoreMark} {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		here, err := os.Getwd()
		if err != nil {
			return err
		}
		return fmt.Errorf("the current folder has %s, as the data folder of a desk, but DATA_DIR is not set: set DATA_DIR=%s to restore into this folder, or change to another folder", name, here)
	}
	return nil
}

// openArchive opens a backup, or standard input for -.
func openArchive(path string) (io.ReadCloser, error) {
	switch path {
	case "-":
		return io.NopCloser(os.Stdin), nil
	case "":
		return nil, errors.New("the name of the backup is empty")
	}
	return os.Open(path)
}

// secretName is the form of the name of a secret file.
var secretName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,60}$`)

// migrateRestored migrates a restored desk, and ends the restore.
func (a *app) migrateRestored(ctx context.Context) error {
	if err := a.endRestore(); err != nil {
		return err
	}
	killpoint.Reach("restore ended")
	if err := db.Migrate(ctx, a.pool); err != nil {
		return fmt.Errorf("the desk is restored, but not migrated: run frontdesk migrate: %w", err)
	}
	killpoint.Reach("restored desk migrated")
	return nil
}

// storeSecret stores a file of the data folder with mode 0600. It replaces one of that name.
func (a *app) storeSecret(name string, body []byte) error {
	if !secretName.MatchString(name) {
		return fmt.Errorf("%q is not the name of a secret", name)
	}
	return durable.WriteFile(filepath.Join(a.dataDir, name), body)
}
