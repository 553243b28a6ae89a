package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/internal/account"
	"frontdesk/internal/limit"
	"frontdesk/internal/requestid"
)

// Config has all settings. Each can be set by a flag or by an environment variable.
type Config struct {
	Host               string        `env:"HOST" default:"127.0.0.1" help:"Address to listen on; 0.0.0.0 for all addresses."`
	Port               uint16        `env:"PORT" default:"4000" help:"Port to listen on."`
	PublicURL          string        `env:"PUBLIC_URL" help:"Public address of the desk, such as https://help.example.org; with https, cookies are Secure."`
	TrustedProxies     []string      `env:"TRUSTED_PROXIES" help:"Networks (CIDR) of proxies whose X-Forwarded-For is trusted, comma-separated."`
	DatabaseURL        string        `env:"DATABASE_URL" help:"URL of a PostgreSQL 14 or newer; by default an embedded one in the data folder."`
	DatabaseDirectURL  string        `name:"database-direct-url" env:"DATABASE_DIRECT_URL" help:"URL of PostgreSQL itself if DATABASE_URL leads to a pooler in transaction mode, such as PgBouncer."`
	NATSURL            string        `name:"nats-url" env:"NATS_URL" placeholder:"URL" help:"NATS servers that carry messages between replicas, such as nats://user:password@nats.example.org:4222, comma-separated; by default PostgreSQL does."`
	DatabaseReplicaURL string        `name:"database-replica-url" env:"DATABASE_REPLICA_URL" help:"URL of a standby of the database, which frontdesk backup reads if it is up to date."`
	DataDir            string        `env:"DATA_DIR" help:"Folder of the embedded database, uploads and secrets; by default data in the current folder." type:"path"`
	UploadDir          string        `env:"UPLOAD_DIR" help:"Folder of attachments; by default uploads in the data folder." type:"path"`
	BlobURL            string        `name:"blob-url" env:"BLOB_URL" placeholder:"URL" help:"Bucket of S3 for attachments, such as s3://KEY:SECRET@s3.example.org/desk?region=eu-1; by default they are in UPLOAD_DIR."`
	BlobReadURL        string        `name:"blob-read-url" env:"BLOB_READ_URL" placeholder:"URL" help:"Another bucket in which attachments may be, while they are moved to or from it; it is only read."`
	MaxUploadMiB       int64         `name:"max-upload-mib" env:"MAX_UPLOAD_MIB" default:"10" help:"Maximum size of a file in MiB."`
	JWTSecret          string        `name:"jwt-secret" env:"JWT_SECRET" help:"Key that signs API tokens, at least 32 bytes; by default one is generated and stored."`
	JWTSecretPrevious  string        `name:"jwt-secret-previous" env:"JWT_SECRET_PREVIOUS" help:"Previous value of JWT_SECRET, whose tokens are still accepted."`
	CORSOrigin         []string      `name:"cors-origin" env:"CORS_ORIGIN" help:"Origins that may call /api from a browser, comma-separated."`
	AdminEmail         string        `env:"ADMIN_EMAIL" help:"The first admin's e-mail address."`
	AdminPassword      string        `env:"ADMIN_PASSWORD" help:"The first admin's password; by default one is generated and printed once."`
	DeskName           string        `env:"DESK_NAME" default:"Frontdesk" help:"Name of the desk, in titles and in the top bar."`
	HelpURL            string        `name:"help-url" env:"HELP_URL" help:"Address of the help link in the footer; by default there is no link."`
	SMTPURL            string        `name:"smtp-url" env:"SMTP_URL" placeholder:"URL" help:"Server that sends mail, such as smtp://user:password@mail.example.org:587; by default no mail is sent."`
	MailFrom           string        `env:"MAIL_FROM" placeholder:"ADDRESS" help:"Sender of mail, such as 'Example Help <help@example.org>'."`
	Timezone           string        `env:"TIMEZONE" default:"UTC" help:"Time zone of dates and times, such as Europe/Berlin."`
	LogLevel           slog.Level    `env:"LOG_LEVEL" default:"INFO" help:"Lowest level that is logged: DEBUG, INFO, WARN or ERROR."`
	MetricsAddr        string        `env:"METRICS_ADDR" placeholder:"HOST:PORT" help:"Address at which Prometheus reads /metrics; by default none. Anyone who reaches it can read the numbers."`
	SlowQuery          time.Duration `env:"SLOW_QUERY" default:"500ms" placeholder:"TIME" help:"Statements of the database that take this long are logged, such as 500ms; 0 for none."`
	PostgresRepository string        `env:"POSTGRES_REPOSITORY" help:"Maven repository from which PostgreSQL is fetched if none is installed; by default the public one."`
	LimitSignIn        limit.Limit   `name:"limit-signin" env:"LIMIT_SIGNIN" default:"20/15m" help:"Sign-ins per network address, and ten times as many per account; 0 for no limit."`
	LimitRegister      limit.Limit   `env:"LIMIT_REGISTER" default:"10/1h" help:"New accounts per network address."`
	LimitTickets       limit.Limit   `env:"LIMIT_TICKETS" default:"60/1h" help:"New tickets per user."`
	LimitUploads       limit.Limit   `env:"LIMIT_UPLOADS" default:"200/1h" help:"Uploaded files per user."`
	LimitTalk          limit.Limit   `env:"LIMIT_TALK" default:"300/10m" help:"Comments, chat messages and changes of tickets per user."`
	LimitActions       limit.Limit   `env:"LIMIT_ACTIONS" default:"1200/10m" help:"All requests that may change something, and opened websockets, per user."`
}

// Validate returns an error for a setting that cannot work or is not safe. Kong calls it.
func (c *Config) Validate() error {
	if _, err := c.location(); err != nil {
		return err
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	if c.MaxUploadMiB < 1 || c.MaxUploadMiB > 1024 {
		return errors.New("MAX_UPLOAD_MIB must be between 1 and 1024")
	}
	for name, value := range map[string]string{"DATABASE_DIRECT_URL": c.DatabaseDirectURL, "DATABASE_REPLICA_URL": c.DatabaseReplicaURL} {
		if value != "" && c.DatabaseURL == "" {
			return fmt.Errorf("%s is set without DATABASE_URL: set both, or only DATABASE_URL", name)
		}
	}
	if c.SlowQuery < 0 {
		return errors.New("SLOW_QUERY must be a time such as 500ms, or 0 to log no slow queries")
	}
	if err := c.checkAddresses(); err != nil {
		return err
	}
	if err := c.checkDeskName(); err != nil {
		return err
	}
	if err := c.checkNATS(); err != nil {
		return err
	}
	if _, _, err := c.mail(); err != nil {
		return err
	}
	if _, err := c.buckets(); err != nil {
		return err
	}
	return c.checkSecrets()
}

// checkSecrets returns an error for a key or password that is published, too short,
// easily guessed or incomplete.
func (c *Config) checkSecrets() error {
	for name, secret := range map[string]string{"JWT_SECRET": c.JWTSecret, "JWT_SECRET_PREVIOUS": c.JWTSecretPrevious} {
		if account.IsPublished(secret) {
			return fmt.Errorf("%s is a published example: set 32 random bytes or more, or leave it unset", name)
		}
	}
	if account.IsPublished(c.AdminPassword) {
		return errors.New("ADMIN_PASSWORD is a published example: choose another, or leave it unset")
	}
	for name, key := range map[string]string{"JWT_SECRET": c.JWTSecret, "JWT_SECRET_PREVIOUS": c.JWTSecretPrevious} {
		if key != "" && len(key) < minSecret {
			return fmt.Errorf("%s has %d bytes and needs %d (the first system was content with 16): make one with `openssl rand -base64 32`, or leave it unset", name, len(key), minSecret)
		}
		if isOneCharacter(key) {
			return fmt.Errorf("%s is one character repeated, which is easily guessed: make one with `openssl rand -base64 32`, or leave it unset", name)
		}
	}
	if isQuoted(c.AdminPassword) {
		return errors.New("ADMIN_PASSWORD is in quotation marks, which would be part of it: remove them")
	}
	if c.AdminPassword != "" && c.AdminEmail == "" {
		return errors.New("ADMIN_PASSWORD is set without ADMIN_EMAIL: set both, or neither")
	}
	return nil
}

// isOneCharacter reports whether a key, without surrounding space, is empty or one repeated
// character.
func isOneCharacter(key string) bool {
	trimmed := strings.TrimSpace(key)
	first, _ := utf8.DecodeRuneInString(trimmed)
	return key != "" && strings.Trim(trimmed, string(first)) == ""
}

// location returns the time zone of TIMEZONE.
func (c *Config) location() (*time.Location, error) {
	loc, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return nil, fmt.Errorf("TIMEZONE %q is not known: use a name such as Europe/Berlin", c.Timezone)
	}
	return loc, nil
}

// limits returns the rate limits of the settings.
func (c *Config) limits() limit.Limits {
	return limit.Limits{SignIn: c.LimitSignIn, Register: c.LimitRegister, Tickets: c.LimitTickets, Uploads: c.LimitUploads, Talk: c.LimitTalk, Actions: c.LimitActions}
}

// logger returns the logger of the program: JSON on standard error.
func (c *Config) logger() *slog.Logger {
	return slog.New(requestid.Handler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})))
}
