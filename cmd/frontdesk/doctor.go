package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/doctor"
)

// DoctorCmd prints what is wrong with the desk and its machine.
type DoctorCmd struct {
	JSON bool `help:"Print the findings as JSON."`
}

// Run prints one finding on each line, also beside a running desk. It returns [errDiffers]
// if one is a problem.
func (c DoctorCmd) Run(ctx context.Context, cfg *Config) error {
	a := newApp(cfg, reading)
	defer a.close()
	found := a.examine(ctx)
	if ctx.Err() != nil {
		return ctx.Err() // findings of interrupted checks are not about the desk
	}
	if c.JSON {
		printJSON(os.Stdout, found)
	} else {
		for _, f := range found {
			fmt.Println(f)
		}
	}
	if doctor.Worst(found) == doctor.Problem {
		return errDiffers
	}
	return nil
}

// examine opens what can be opened, and runs all checks.
func (a *app) examine(ctx context.Context) []doctor.Finding {
	var found []doctor.Finding
	failed := func(check string, err error) {
		found = append(found, doctor.Finding{Check: check, Level: doctor.Problem, Text: err.Error()})
	}
	if err := a.openFolder(); err != nil {
		failed("files", err)
		return found
	}
	url, err := a.databaseURL(ctx)
	if err != nil {
		failed("database", err)
	}
	if err := a.openFiles(ctx); err != nil {
		failed("files", err)
	}
	options := a.doctorOptions(url)
	if err == nil {
		options.Connect = func(ctx context.Context) (pool *pgxpool.Pool, err error) {
			a.pool, err = db.Open(ctx, options.DirectURL, poolSize, db.OnDemand)
			return a.pool, err
		}
	}
	found = append(found, doctor.Run(ctx, options)...)
	if err := a.findInterrupted(ctx); err != nil {
		failed("restore", err)
	}
	return found
}

// findInterrupted is [app.refuseInterrupted], but changes nothing. It does nothing if the database
// is not open.
func (a *app) findInterrupted(ctx context.Context) error {
	archive, err := a.interruptedRestore()
	if err != nil || archive == "" || a.pool == nil {
		return err
	}
	if used, err := db.HasData(ctx, a.pool); err != nil || used {
		return err
	}
	return a.errInterruptedRestore(archive)
}

// examineOpen runs all checks of an open desk.
func (a *app) examineOpen(ctx context.Context) []doctor.Finding {
	return doctor.Run(ctx, a.doctorOptions(a.pool.Config().ConnString()))
}

// settingsFile has the settings of the service of deploy/systemd.
const settingsFile = "/etc/frontdesk/env"

// doctorOptions returns the options of the checks for the desk.
func (a *app) doctorOptions(url string) doctor.Options {
	secrets := map[string]string{}
	if a.cfg.JWTSecret == "" {
		secrets["the key of API tokens"] = filepath.Join(a.dataDir, "jwt-secret")
	}
	direct, err := a.directURL(url)
	if err != nil {
		direct = url // the check of url reports the error
	}
	var checkNATS func(context.Context) error
	if a.cfg.NATSURL != "" {
		checkNATS = a.examineNATS
	}
	o := doctor.Options{NATS: checkNATS, Pool: a.pool, URL: url, DirectURL: direct, Conns: poolSize, DirectConns: directSize, DataDir: a.dataDir, Uploads: a.uploads(),
		PublicURL: a.cfg.PublicURL, Secrets: secrets, MinSecret: minSecret, Settings: settingsFile, Now: time.Now}
	if b := a.bucket(); b != nil {
		o.Uploads, o.Bucket = "", b
	}
	return o
}
