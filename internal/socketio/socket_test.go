package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestEventsAndAcknowledgementsComeBack(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	for _, c := range []struct{ event, want string }{
		{`42["message",1,"2",{"3":[true]}]`, `42["message-back",1,"2",{"3":[true]}]`},
		{`42["message"]`, `42["message-back"]`},
		{`4212["message","a"]`, `42["message-back","a"]`},
		{`42456["message-with-ack",1,"2",{"3":[false]}]`, `43456[1,"2",{"3":[false]}]`},
		{`420["message-with-ack"]`, `430[]`},
		{`42123456789012345["message-with-ack",null]`, `43123456789012345[null]`},
		{`42["message","Grüße, 世界\u2028"]`, `42["message-back","Grüße, 世界\u2028"]`},
		{`450-["message","none"]`, `42["message-back","none"]`},
	} {
		t.Run(c.event, func(t *testing.T) {
			t.Parallel()
			w := connected(t, base)
			w.sends(c.event)
			w.gets(c.want)
			p := openPolling(t, base)
			p.posts("40\x1e" + c.event)
			p.gets(`40{"sid":"*`, `42["auth",{}]`, c.want)
		})
	}
}

func TestBinaryArgumentsComeBack(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	w := connected(t, base)
	w.sends(`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`)
	w.sendsBinary("\x01\x02\x03", "\x04")
	w.gets(`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "b\x01\x02\x03", "b\x04")
	w.sends(`451-789["message-with-ack",{"_placeholder":true,"num":0}]`)
	w.sendsBinary("")
	w.gets(`461-789[{"_placeholder":true,"num":0}]`, "b")
	p := openPolling(t, base)
	p.posts("40\x1e" + `451-["message",{"_placeholder":true,"num":0}]` + "\x1ebAQID")
	p.gets(`40{"sid":"*`, `42["auth",{}]`, `451-["message-back",{"_placeholder":true,"num":0}]`, "bAQID")
}

func TestAttachmentsThatNeverComeOrAreTooLargeCloseTheSession(t *testing.T) {
	t.Parallel()
	server, base := (&echo{}).serve(t, slow, func(o *Options) { o.MaxPayload = 1000 })
	waits, done := connected(t, base), connected(t, base)
	const event = `452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`
	waits.sends(event)
	waits.sendsBinary("one of two")
	done.sends(event)
	done.sendsBinary("a", "b")
	done.gets("452-*", "ba", "bb")
	eventually(t, func() bool { return server.engine.waiting() == 1 })
	server.engine.sweep(time.Now().Add(stepTime + time.Second))
	waits.wantClosed(websocket.ClosePolicyViolation)
	if n := server.Sessions(); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	large := connected(t, base)
	large.sends(event)
	large.sendsBinary(strings.Repeat("a", 600), strings.Repeat("a", 600))
	large.wantClosed(websocket.CloseProtocolError)
}

// waiting returns the number of sessions that end at a certain time.
func (e *engine) waiting() (n int) {
	for _, s := range e.all() {
		s.mu.Lock()
		if !s.expires.IsZero() {
			n++
		}
		s.mu.Unlock()
	}
	return n
}

func TestAClientLeavesOneNamespaceAndStaysInAnother(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	w := connected(t, base)
	w.sends("40/custom")
	w.gets("40/custom,*", `42/custom,["auth",{}]`)
	custom := a.all()[1]
	w.sends("41/custom", `42["message","to the main namespace"]`)
	w.gets(`42["message-back","to the main namespace"]`)
	if custom.Context().Err() == nil {
		t.Error("the context of the socket that left has not ended")
	}
	if custom.Send(&Message{}) {
		t.Error("a packet was queued for the socket that left")
	}
	got := a.all()
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %v", len(got), got)
	}
	if got[0].namespace != "/" {
		t.Errorf(`the namespace is %q, want "/"`, got[0].namespace)
	}
	if got[0].Context().Err() != nil {
		t.Errorf("the context of the socket has ended: %v", got[0].Context().Err())
	}
	w.sends("40/custom")
	w.gets("40/custom,*", `42/custom,["auth",{}]`)
}

func TestTheApplicationDisconnectsASocket(t *testing.T) {
	t.Parallel()
	a := &echo{}
	server, base := a.serve(t, slow)
	w := connected(t, base)
	w.sends(`42["message","a"]`, `42["disconnect-me"]`, `42["message","b"]`)
	w.gets(`42["message-back","a"]`, "41")
	w.wantClosed(websocket.CloseNormalClosure)
	p := openPolling(t, base)
	p.posts("40\x1e" + `42["disconnect-me"]`)
	p.gets(`40{"sid":"*`, `42["auth",{}]`, "41", "1")
	p.wantGone()
	late := openPolling(t, base)
	late.posts("40\x1e" + `42["disconnect-me"]`)
	server.engine.sweep(time.Now().Add(stepTime + time.Second)) // without the last poll
	late.wantGone()
	eventually(t, func() bool { return len(a.all()) == 0 })
}

func TestTheApplicationClosesASocket(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	w := connected(t, base)
	w.sends(`42["close-me"]`)
	w.wantClosed(websocket.CloseNormalClosure)
	eventually(t, func() bool { return len(a.all()) == 0 })
}

func TestTheContextOfAnEventEndsWithTheSession(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	w := connected(t, base)
	w.sends(`42["wait"]`)
	w.gets(`42["waiting"]`)
	a.all()[0].Close()
	w.wantClosed(websocket.CloseNormalClosure)
	eventually(t, func() bool { return a.waited.Load() == 1 })
	eventually(t, func() bool { return len(a.all()) == 0 })
}

func TestDisconnectIsCalledOnceForEachSocket(t *testing.T) {
	t.Parallel()
	a := &echo{}
	server, base := a.serve(t, slow)
	for i := range 5 {
		w := connected(t, base)
		w.sends("40/custom")
		w.gets("40/custom,*", `42/custom,["auth",{}]`)
		switch i {
		case 0:
			w.conn.Close()
		case 1:
			w.sends("41", "1")
		case 2:
			w.sends(`42["disconnect-me"]`)
		case 3:
			w.sends("4x")
		}
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended != 10 {
		t.Errorf("ended is %d, want 10", a.ended)
	}
	if len(a.sockets) != 0 {
		t.Errorf("got %d sockets, want 0: %v", len(a.sockets), a.sockets)
	}
}

func TestAPanicClosesOnlyItsSession(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	other, w, p := connected(t, base), connected(t, base), openPolling(t, base)
	w.sends(`42["panic"]`)
	w.wantClosed(websocket.CloseInternalServerErr)
	p.posts(`40{"token":"panic"}`)
	p.wantGone()
	other.sends(`42["message"]`)
	other.gets(`42["message-back"]`)
}

func TestALongHistoryIsSentInParts(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	w := connected(t, base)
	s, failed := a.all()[0], make(chan error, 1)
	const parts, each = 10, 200
	go func() {
		for i := range parts * each {
			if err := s.Emit("old", i); err != nil {
				failed <- err
				return
			}
			if i%each == each-1 {
				if err := s.Drained(t.Context()); err != nil || s.Queued() != 0 {
					failed <- fmt.Errorf("%v, with %d packets queued", err, s.Queued())
					return
				}
			}
		}
		failed <- nil
	}()
	for i := range parts * each {
		w.gets(fmt.Sprintf(`42["old",%d]`, i))
	}
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

func TestWaitingForAnEmptyQueueEndsWithItsContextOrTheSession(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	p := openPolling(t, base)
	p.posts("40")
	s := a.all()[0]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Drained(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
	done := make(chan error, 1)
	go func() { done <- s.Drained(t.Context()) }()
	s.Close()
	if err := <-done; err != nil {
		t.Errorf("after the session the error is %v, want none", err)
	}
}

func TestAnApplicationThatSendsTooMuchWhileItConnectsClosesTheSession(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow, func(o *Options) {
		o.Connect = func(_ context.Context, s *Socket, _ json.RawMessage) (string, error) {
			for s.Context().Err() == nil {
				_ = s.Emit("old")
			}
			return "", nil
		}
	})
	w := openSocket(t, base)
	w.sends("40")
	w.wantClosed(websocket.CloseTryAgainLater)
}

func TestEventsOfASessionAreHandledInOrder(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	w := connected(t, base)
	var want []string
	for i := range 100 {
		w.sends(fmt.Sprintf(`42["message",%d]`, i))
		want = append(want, fmt.Sprintf(`42["message-back",%d]`, i))
	}
	w.gets(want...)
}

func TestAnApplicationThatDisconnectsASocketWhileItConnectsLeavesNoSession(t *testing.T) {
	t.Parallel()
	server, base := (&echo{}).serve(t, slow, func(o *Options) {
		o.Connect = func(_ context.Context, s *Socket, _ json.RawMessage) (string, error) { s.Disconnect(); return "", nil }
	})
	p, w := openPolling(t, base), openSocket(t, base)
	p.posts("40")
	w.sends("40")
	w.wantClosed(websocket.CloseNormalClosure)
	server.engine.sweep(time.Now().Add(stepTime + time.Second)) // without the last poll
	p.wantGone()
}
