// Package jobs runs work outside of transactions: a job is added in a transaction with its cause,
// and is worked after the commit by one of the replicas. The jobs are those of River
// (github.com/riverqueue/river), in the same database.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

const (
	// poll is how often a replica looks for jobs. It does not listen for them, so that it needs no
	// connection of its own and works behind a pooler.
	poll = 500 * time.Millisecond
	// workers is the maximum number of jobs that a replica works at the same time.
	workers = 8
	// longest is the maximum time of a job. An SMTP server may take 10 minutes for one answer.
	longest = 15 * time.Minute
	// stopTime is the time that running jobs have when the program stops, and answerTime that of those
	// afterwards for which a server has got the whole message, and has not answered yet.
	stopTime   = 10 * time.Second
	answerTime = 20 * time.Second
)

// Mail is the job that sends a mail.
type Mail struct {
	ID  int64 `json:"id"`  // of the mail
	Job int32 `json:"job"` // counts the jobs of a mail from 1; together with ID, no two jobs have the same
}

// Kind implements river.JobArgs.
func (Mail) Kind() string { return "mail" }

// Adder adds jobs.
type Adder struct{ client *river.Client[pgx.Tx] }

// NewAdder returns an adder of jobs.
func NewAdder(pool *pgxpool.Pool) (*Adder, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("make a client of jobs: %w", err)
	}
	return &Adder{client}, nil
}

// AddMails adds jobs in a transaction, which are worked at once. A job that was added before is left as it is.
//
// No job is scheduled for a later time, and none is snoozed: the time that River needs to make
// scheduled jobs available grows with the square of their number, and several hundred take longer
// than a statement may.
func (a *Adder) AddMails(ctx context.Context, tx pgx.Tx, mails []Mail) error {
	if len(mails) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(mails))
	for i, m := range mails {
		params[i] = river.InsertManyParams{Args: m, InsertOpts: &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}}
	}
	if _, err := a.client.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("add jobs: %w", err)
	}
	return nil
}

// MailWork sends a mail. After an error the job is worked again.
type MailWork func(ctx context.Context, m Mail) error

type mailWorker struct {
	river.WorkerDefaults[Mail]
	work MailWork
}

// Work implements river.Worker.
func (w *mailWorker) Work(ctx context.Context, job *river.Job[Mail]) error {
	return w.work(ctx, job.Args)
}

// Run works jobs until ctx ends. Running jobs are then completed, or cancelled after 10 seconds; those that do not end
// then are left after 20 more.
func Run(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger, mail MailWork) error {
	all := river.NewWorkers()
	river.AddWorker(all, &mailWorker{work: mail})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:                     all,
		PollOnly:                    true,
		FetchPollInterval:           poll,
		JobTimeout:                  longest,
		CompletedJobRetentionPeriod: time.Hour,
		ReindexerSchedule:           river.NeverSchedule(),
		Logger:                      slog.New(fromWarn{log.Handler()}),
	})
	if err != nil {
		return fmt.Errorf("make a client of jobs: %w", err)
	}
	apart := context.WithoutCancel(ctx)
	if err := client.Start(apart); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	<-ctx.Done()
	soft, cancel := context.WithTimeout(apart, stopTime)
	defer cancel()
	err = client.Stop(soft)
	if errors.Is(err, context.DeadlineExceeded) {
		hard, cancel := context.WithTimeout(apart, answerTime)
		defer cancel()
		err = client.StopAndCancel(hard)
	}
	if err != nil {
		return fmt.Errorf("stop the jobs: %w", err)
	}
	return nil
}

// fromWarn drops records below the level WARN: River logs its housekeeping at INFO.
type fromWarn struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h fromWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h fromWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fromWarn{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h fromWarn) WithGroup(name string) slog.Handler { return fromWarn{h.Handler.WithGroup(name)} }
