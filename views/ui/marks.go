package ui

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// Icon is a shape of the sprite. It is hidden from screen readers.
func Icon(name string) templ.Component { return icons.Of(name) }

// StatusBadge is a status as a pill.
func StatusBadge(s desk.Status) templ.Component { return statusBadges.Of(s) }

// StatusMark is a status as coloured text.
func StatusMark(s desk.Status) templ.Component { return statusMarks.Of(s) }

// PriorityMark is a priority with its bars.
func PriorityMark(p desk.Priority) templ.Component { return priorityMarks.Of(p) }

var (
	icons         = NewCached(icon)
	statusBadges  = NewCached(statusBadge)
	statusMarks   = NewCached(statusMark)
	priorityMarks = NewCached(priorityMark)
)

// Cached renders a component once for each argument and keeps the HTML. The HTML must depend on the
// argument only, and the arguments must not come from users, because each is kept.
type Cached[K comparable] struct {
	component func(K) templ.Component
	rendered  sync.Map // K → templ.Component
}

// NewCached returns a component that is rendered once for each argument.
func NewCached[K comparable](component func(K) templ.Component) *Cached[K] {
	return &Cached[K]{component: component}
}

// Of returns the component with its argument.
func (f *Cached[K]) Of(key K) templ.Component {
	if c, ok := f.rendered.Load(key); ok {
		return c.(templ.Component)
	}
	var b strings.Builder
	err := f.component(key).Render(context.Background(), &b)
	html := b.String()
	c, _ := f.rendered.LoadOrStore(key, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if err != nil {
			return err
		}
		_, err := io.WriteString(w, html)
		return err
	}))
	return c.(templ.Component)
}

// AppendFunc is a component that appends its HTML to a buffer. Components that a page shows often are
// written so, because a template allocates for each expression (fmt.Sprint).
type AppendFunc func(ctx context.Context, html []byte) []byte

// Render implements [templ.Component].
func (f AppendFunc) Render(ctx context.Context, w io.Writer) error {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	*scratch = f(ctx, (*scratch)[:0])
	_, err := w.Write(*scratch)
	return err
}

// scratches are buffers for AppendFunc.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// appendEscaped appends text as [templ.EscapeString] escapes it, without a copy.
func appendEscaped(html []byte, text string) []byte {
	done := 0
	for i := range len(text) {
		var entity string
		switch text[i] {
		case '&':
			entity = "&amp;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '"':
			entity = "&#34;"
		case '\'':
			entity = "&#39;"
		default:
			continue
		}
		html = append(append(html, text[done:i]...), entity...)
		done = i + 1
	}
	return append(html, text[done:]...)
}

// Text is text of a user, escaped.
type Text string

// Render implements [templ.Component].
func (t Text) Render(_ context.Context, w io.Writer) error {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	*scratch = appendEscaped((*scratch)[:0], string(t))
	_, err := w.Write(*scratch)
	return err
}

// Avatar is the initials of a user.
func Avatar(name string, role account.Role) templ.Component {
	return AppendFunc(func(_ context.Context, b []byte) []byte {
		b = append(b, `<span class="avatar"`...)
		if account.IsStaff(role) {
			b = append(b, ` data-role="staff"`...)
		}
		b = append(b, ` data-text="`...)
		b = appendEscaped(b, Initials(name))
		return append(b, `"></span>`...)
	})
}

// Time is a time in words, see appendTime.
func Time(t time.Time) templ.Component { return timeElement(t, appendTime) }

// When is a time in words with the time of day, see appendTimeOfDay.
func When(t time.Time) templ.Component { return timeElement(t, appendTimeOfDay) }

// timeElement is a time element. Neither the date nor the words need escaping.
func timeElement(at time.Time, words func(b []byte, t, now time.Time, loc *time.Location) []byte) templ.Component {
	return AppendFunc(func(ctx context.Context, b []byte) []byte {
		f := FrameOf(ctx)
		b = append(b, ` <time datetime="`...)
		b = at.UTC().AppendFormat(b, time.RFC3339)
		b = append(b, `">`...)
		b = words(b, at, f.Now, f.Location)
		return append(b, `</time>`...)
	})
}
