package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
)

func TestAMessageForManySocketsIsTheSameForEach(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	one, two, p := connected(t, base), connected(t, base), openPolling(t, base)
	two.sends("40/custom")
	two.gets("40/custom,*", `42/custom,["auth",{}]`)
	p.posts("40")
	p.gets(`40{"sid":"*`, `42["auth",{}]`)
	one.sends(`42["to-all",{"a":"<b>"}]`)
	one.gets(`42["from-all",{"a":"\u003cb\u003e"}]`)
	two.gets(`42["from-all",{"a":"\u003cb\u003e"}]`, `42/custom,["from-all",{"a":"\u003cb\u003e"}]`)
	p.gets(`42["from-all",{"a":"\u003cb\u003e"}]`)
}

func TestAnOffsetIsAddedToAMessage(t *testing.T) {
	t.Parallel()
	m, err := NewMessage("message", map[string]int{"id": 7})
	if err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[string]string{"1042:17": `42["message",{"id":7},"1042:17"]`, `"`: `42["message",{"id":7},"\""]`} {
		if got := string(m.With(offset).frames("/")[0].data); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got, want := string(m.frames("/")[0].data), `42["message",{"id":7}]`; got != want {
		t.Errorf("the message became %s, want %s", got, want)
	}
}

func TestAnArgumentWithoutJSONIsAnError(t *testing.T) {
	t.Parallel()
	var wrong *json.UnsupportedTypeError
	if _, err := NewMessage("message", make(chan int)); !errors.As(err, &wrong) {
		t.Errorf("the error is %v, want one of JSON", err)
	}
	e := &Event{ack: "1", socket: &Socket{}}
	if err := e.Ack(make(chan int)); !errors.As(err, &wrong) {
		t.Errorf("the error of Ack is %v, want one of JSON", err)
	}
}

func TestAnEventIsAcknowledgedOnce(t *testing.T) {
	t.Parallel()
	events := make(chan *Event, 2)
	_, base := (&echo{}).serve(t, slow, func(o *Options) { o.Event = func(_ context.Context, _ *Socket, e *Event) { events <- e } })
	w := connected(t, base)
	w.sends(`427["a"]`, `42["b"]`)
	for _, want := range []bool{true, false} {
		e := <-events
		if got := e.ack != ""; got != want {
			t.Errorf("event %s requests an acknowledgement: %t, want %t", e.Name, got, want)
		}
		for i := range 2 { // later than the event, from another goroutine
			if err := e.Ack(i); err != nil {
				t.Error(err)
			}
		}
	}
	w.sends("40/custom")
	w.gets("437[0]", "40/custom,*", `42/custom,["auth",{}]`)
}
