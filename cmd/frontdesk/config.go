package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/internal/desk"
)

// Config is every setting: a flag and a variable of the same meaning.
type Config struct {
	Host               string     `env:"HOST" default:"127.0.0.1" help:"Address to listen on; 0.0.0.0 for every one."`
	Port               uint16     `env:"PORT" default:"4000" help:"Port to listen on."`
	PublicURL          string     `env:"PUBLIC_URL" help:"Address people use, such as https://help.example.org; https makes cookies Secure."`
	TrustedProxies     []string   `env:"TRUSTED_PROXIES" help:"Networks (CIDR) whose X-Forwarded-For is believed, comma-separated."`
	DatabaseURL        string     `env:"DATABASE_URL" help:"A PostgreSQL 14+ to use; unset, a private one under the data folder."`
	DataDir            string     `env:"DATA_DIR" default:"./data" help:"Folder of the private database, uploads and secrets." type:"path"`
	UploadDir          string     `env:"UPLOAD_DIR" help:"Folder of attachments; unset, uploads in the data folder." type:"path"`
	MaxUploadMiB       int64      `name:"max-upload-mib" env:"MAX_UPLOAD_MIB" default:"10" help:"Largest file, in MiB."`
	JWTSecret          string     `name:"jwt-secret" env:"JWT_SECRET" help:"Key that signs API tokens, at least 32 bytes; unset, one is made and kept."`
	JWTSecretPrevious  string     `name:"jwt-secret-previous" env:"JWT_SECRET_PREVIOUS" help:"The key of before, accepted for a day after a change."`
	CORSOrigin         []string   `name:"cors-origin" env:"CORS_ORIGIN" help:"Origins that may call /api from a browser, comma-separated."`
	AdminEmail         string     `env:"ADMIN_EMAIL" help:"The first admin's e-mail address."`
	AdminPassword      string     `env:"ADMIN_PASSWORD" help:"The first admin's password; unset, one is made and printed once."`
	DeskName           string     `env:"DESK_NAME" default:"Frontdesk" help:"Name in titles and on the bar."`
	HelpURL            string     `name:"help-url" env:"HELP_URL" help:"Where the footer's help link goes; unset, there is none."`
	Timezone           string     `env:"TIMEZONE" default:"UTC" help:"Time zone of dates and days, such as Europe/Berlin."`
	LogLevel           slog.Level `env:"LOG_LEVEL" default:"INFO" help:"DEBUG, INFO, WARN or ERROR."`
	PostgresRepository string     `env:"POSTGRES_REPOSITORY" help:"Maven repository to fetch PostgreSQL from where none is installed; unset, the public one."`
	LimitSignIn        desk.Limit `name:"limit-signin" env:"LIMIT_SIGNIN" default:"20/15m" help:"Sign-ins an address, and ten times as many an account; 0 is no limit."`
	LimitRegister      desk.Limit `env:"LIMIT_REGISTER" default:"10/1h" help:"New accounts an address."`
	LimitTickets       desk.Limit `env:"LIMIT_TICKETS" default:"60/1h" help:"New tickets a customer."`
	LimitUploads       desk.Limit `env:"LIMIT_UPLOADS" default:"200/1h" help:"Uploaded files a person."`
	LimitTalk          desk.Limit `env:"LIMIT_TALK" default:"300/10m" help:"Comments, chat lines and changes of tickets a person."`
}

// Validate refuses settings that cannot work or would not be safe. Kong calls it.
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
	for name, value := range map[string]string{"PUBLIC_URL": c.PublicURL, "HELP_URL": c.HelpURL} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
			return fmt.Errorf("%s must be an address such as https://help.example.org", name)
		}
	}
	for _, origin := range c.CORSOrigin {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "") {
			return fmt.Errorf("CORS_ORIGIN: %q is no origin such as https://app.example.org", origin)
		}
	}
	return c.checkSecrets()
}

// published are values that examples and the replaced system's documents print.
var published = []string{"replace-with-a-long-random-string", "AdminPass123!", "changeme", "secret", "password"}

func (c *Config) checkSecrets() error {
	for _, known := range published {
		if strings.EqualFold(c.JWTSecret, known) {
			return errors.New("JWT_SECRET is a published example: set 32 random bytes or more, or leave it unset")
		}
		if strings.EqualFold(c.AdminPassword, known) {
			return errors.New("ADMIN_PASSWORD is a published example: choose another, or leave it unset")
		}
	}
	for name, key := range map[string]string{"JWT_SECRET": c.JWTSecret, "JWT_SECRET_PREVIOUS": c.JWTSecretPrevious} {
		if key != "" && len(key) < minSecret {
			return fmt.Errorf("%s has %d bytes and needs %d: set a longer one, or leave it unset", name, len(key), minSecret)
		}
	}
	if c.AdminPassword != "" && c.AdminEmail == "" {
		return errors.New("ADMIN_PASSWORD is set without ADMIN_EMAIL: set both, or neither")
	}
	return nil
}

// minSecret is what HMAC-SHA-256 wants of a key (RFC 7518, 3.2).
const minSecret = 32

func (c *Config) location() (*time.Location, error) {
	loc, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return nil, fmt.Errorf("TIMEZONE %q is not known: use a name such as Europe/Berlin", c.Timezone)
	}
	return loc, nil
}

func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("TRUSTED_PROXIES: %q is not a network such as 10.0.0.0/8", text)
		}
		out = append(out, p)
	}
	return out, nil
}

func (c *Config) limits() desk.Limits {
	return desk.Limits{SignIn: c.LimitSignIn, Register: c.LimitRegister, Tickets: c.LimitTickets, Uploads: c.LimitUploads, Talk: c.LimitTalk}
}

func (c *Config) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
}

// tokenKeys are those of signed tokens: the first signs.
func (c *Config) tokenKeys(dataDir string) ([][]byte, error) {
	key, err := c.secret(dataDir)
	if err != nil {
		return nil, writable(err, dataDir, "DATA_DIR")
	}
	keys := [][]byte{key}
	if c.JWTSecretPrevious != "" {
		keys = append(keys, []byte(c.JWTSecretPrevious))
	}
	return keys, nil
}

// secret returns JWT_SECRET, or the one kept in the data folder, made on the first run.
func (c *Config) secret(dataDir string) ([]byte, error) {
	if c.JWTSecret != "" {
		return []byte(c.JWTSecret), nil
	}
	path := filepath.Join(dataDir, "jwt-secret")
	if kept, err := os.ReadFile(path); err == nil && len(kept) >= minSecret {
		return kept, nil
	}
	raw := make([]byte, minSecret)
	rand.Read(raw)
	made := []byte(base64.RawURLEncoding.EncodeToString(raw))
	return made, os.WriteFile(path, made, 0o600)
}
