// Package requestid carries the id of a request in its context, and adds it to log entries.
package requestid

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
)

// Field is the name of the id in log entries.
const Field = "request_id"

// shortest and longest are the lengths of ids that [IsValid] accepts, in bytes.
const shortest, longest = 8, 64

// key is the key of the id in a context.
type key struct{}

// New returns a random id of 16 hexadecimal digits.
func New() string {
	raw := make([]byte, 8)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// IsValid reports whether an id from outside may be logged and shown: it has 8 to 64 letters
// and digits of ASCII, hyphens, underscores and dots.
func IsValid(id string) bool {
	if len(id) < shortest || len(id) > longest {
		return false
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// With returns a context that carries an id.
func With(ctx context.Context, id string) context.Context { return context.WithValue(ctx, key{}, id) }

// Of returns the id that a context carries, or "".
func Of(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}

// Handler returns a handler that adds the id of the context to each log entry, and then
// passes it to next.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

// handler is the result of [Handler].
type handler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if id := Of(ctx); id != "" {
		r = r.Clone() // the record's attributes may be shared with other handlers
		r.AddAttrs(slog.String(Field, id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
