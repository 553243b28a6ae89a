package views

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

// Icon is a shape of the sprite, for eyes only: words stand beside it.
func Icon(name string) templ.Component { return icons.of(name) }

// StatusBadge is a status as a pill.
func StatusBadge(s desk.Status) templ.Component { return statusBadges.of(s) }

// StatusMark is a status as coloured text.
func StatusMark(s desk.Status) templ.Component { return statusMarks.of(s) }

// PriorityMark is a priority with its bars.
func PriorityMark(p desk.Priority) templ.Component { return priorityMarks.of(p) }

var (
	icons         = fixed[string]{component: icon}
	statusBadges  = fixed[desk.Status]{component: statusBadge}
	statusMarks   = fixed[desk.Status]{component: statusMark}
	priorityMarks = fixed[desk.Priority]{component: priorityMark}
)

// fixed renders a component once for each of its few arguments and replays it.
// What it renders must depend on the argument alone, and the arguments must
// come from us: each is kept for good.
type fixed[K comparable] struct {
	component func(K) templ.Component
	rendered  sync.Map // K → templ.Component
}

func (f *fixed[K]) of(key K) templ.Component {
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

// byHand is a part that many places of a page show, and appends itself to the
// HTML before it: a template allocates for each expression (fmt.Sprint).
type byHand func(ctx context.Context, html []byte) []byte

// Render implements [templ.Component].
func (f byHand) Render(ctx context.Context, w io.Writer) error {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	*scratch = f(ctx, (*scratch)[:0])
	_, err := w.Write(*scratch)
	return err
}

// scratches are buffers for one part each.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// text is words of somebody's, escaped.
type text string

// Render implements [templ.Component].
func (t text) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, templ.EscapeString(t))
	return err
}

// Avatar is somebody's initials.
func Avatar(name string, role account.Role) templ.Component {
	return byHand(func(_ context.Context, b []byte) []byte {
		b = append(b, `<span class="avatar"`...)
		if role == account.RoleAdmin {
			b = append(b, ` data-role="staff"`...)
		}
		b = append(b, ` data-text="`...)
		b = append(b, templ.EscapeString(Initials(name))...)
		return append(b, `"></span>`...)
	})
}

// Time is a moment in words.
func Time(t time.Time) templ.Component { return timeElement(t, moment) }

// When is a moment in words with its time of day: an entry's, where order matters.
func When(t time.Time) templ.Component { return timeElement(t, entryMoment) }

// told is a moment as a time element. Neither of its two texts can hold anything
// that HTML reads.
func timeElement(at time.Time, words func(b []byte, t, now time.Time, loc *time.Location) []byte) templ.Component {
	return byHand(func(ctx context.Context, b []byte) []byte {
		f := FrameOf(ctx)
		b = append(b, ` <time datetime="`...)
		b = at.UTC().AppendFormat(b, time.RFC3339)
		b = append(b, `">`...)
		b = words(b, at, f.Now, f.Location)
		return append(b, `</time>`...)
	})
}
