// Package views holds the pages and their parts: typed arguments in, HTML out,
// no queries and no I/O.
package views

import (
	"context"
	"time"

	"frontdesk/internal/account"
)

// Frame is what every page shows whatever its content: it is put together once
// a request by middleware and read by the layout and by times.
type Frame struct {
	Actor    account.Actor // the zero Actor is a visitor
	Theme    string        // "light", "dark", or "" for the device's own
	DeskName string
	HelpURL  string
	Now      time.Time
	Location *time.Location
	Flash    Flash
	Sessions bool // the request has a session to take a flash from
}

// Flash is the message about the last action, shown once.
type Flash struct {
	Tone string // ok, warn or danger
	Text string
	Undo Undo // how to take the action back; the zero value offers nothing
}

// SignedIn reports whether somebody is signed in.
func (f *Frame) SignedIn() bool { return f.Actor.ID != 0 }

type frameKey struct{}

// WithFrame returns a context that pages are rendered with.
func WithFrame(ctx context.Context, f Frame) context.Context {
	return context.WithValue(ctx, frameKey{}, &f)
}

// FrameOf returns the frame of the page being rendered, which is not to be changed.
func FrameOf(ctx context.Context) *Frame {
	f, ok := ctx.Value(frameKey{}).(*Frame)
	if !ok {
		return &Frame{DeskName: "Frontdesk", Now: time.Now(), Location: time.UTC}
	}
	return f
}

// Meta is what a page tells the layout.
type Meta struct {
	Title  string
	Nav    string // which entry of the bar is this page's: tickets, new, dashboard, users, categories, account, trash or ""
	Width  string // "form" for a narrow page
	Error  bool   // the page holds an error summary: the title says so first
	Script string // a script of this page's own, beside the one of every page; "" where there is none
	Bare   bool   // the page is the same for everybody: no navigation, and no script
	Unread int    // how much on the page is new to its reader: the title begins with it
}

func (m Meta) title(desk string) string {
	t := m.Title + " · " + desk
	if m.Unread > 0 {
		t = "(" + capped(m.Unread, 100) + ") " + t
	}
	if m.Error {
		return "Error: " + t
	}
	return t
}
