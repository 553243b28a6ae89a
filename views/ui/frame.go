// Package ui renders what all pages share: the layout, fields, buttons, icons, notices, times and
// the text of users. It imports no page; pages that it links to are known by their address or by [Meta].
package ui

import (
	"context"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
)

// Frame has the data that every page shows. Middleware sets it once for each request.
type Frame struct {
	Actor    account.Actor // the zero value is a visitor
	Theme    string        // "light", "dark", or "" for that of the system
	DeskName string
	HelpURL  string
	Mail     bool // the desk sends mail
	Now      time.Time
	Location *time.Location
	Flash    Flash
	Sessions bool   // the request has a session
	Proof    string // what the forms of the page prove with that they are the desk's, see [Action]; "" if the browser does it
	Unread   int    // unread notifications, up to two more than [desk.MaxUnread]
	KeysOff  bool   // the user has switched off shortcuts of a single key
	Away     bool   // a member of staff is away

	Unconfirmed bool // the desk sends mail, and the user has not confirmed their address
	Views       ViewList

	StoppedMailboxes []string // addresses of mailboxes that cannot send, for those who can correct it
}

// Flash is the message about the last action, shown once.
type Flash struct {
	Tone string // ok, warn or danger
	Text string
	Link int64 // the ticket that the message links to; 0 for none
	Undo Undo  // how to take the action back; the zero value offers nothing
}

// SignedIn reports whether a user is signed in.
func (f *Frame) SignedIn() bool { return f.Actor.ID != 0 }

// asksToConfirm reports whether a page asks the user to confirm their address: the list of tickets
// and the page of the account do.
func (f *Frame) asksToConfirm(m Meta) bool {
	return f.Unconfirmed && !f.Actor.MustChangePassword && (m.Nav == NavTickets || m.Nav == NavAccount)
}

type frameKey struct{}

// WithFrame returns a context with the frame for rendering.
func WithFrame(ctx context.Context, f Frame) context.Context {
	return context.WithValue(ctx, frameKey{}, &f)
}

// FrameOf returns the frame of the page that is being rendered. It must not be changed.
func FrameOf(ctx context.Context) *Frame {
	f, ok := ctx.Value(frameKey{}).(*Frame)
	if !ok {
		return &Frame{DeskName: "Frontdesk", Now: time.Now(), Location: time.UTC}
	}
	return f
}

// Meta has the data that a page passes to the layout.
type Meta struct {
	Title  string
	Nav    Nav    // the entry of the navigation for this page, or ""
	Width  string // "form" for a narrow page
	Error  bool   // the page has an error summary: the title begins with "Error"
	Script string // the script of the page, beside app.js; "" for none
	Styles string // the stylesheet of the page, beside app.css; "" for none
	Bare   bool   // the page is the same for all users: no navigation and no script
	Unread int    // the number of new entries, at the beginning of the title
	Rows   bool   // the page has a list with the id rows
	Reply  bool   // the page has a field for a reply with the id text

	View, ViewName string // the address and the name of the view that the page shows to staff, or ""
}

func (m Meta) title(deskName string) string {
	t := m.Title + " · " + deskName
	if m.Unread > 0 {
		t = "(" + listing.Cap(m.Unread, desk.MaxUnread).String() + ") " + t
	}
	if m.Error {
		return "Error: " + t
	}
	return t
}
