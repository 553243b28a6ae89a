package socketio

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

func FuzzDecodePacket(f *testing.F) {
	for _, text := range []string{
		"0", `0{"token":"123"}`, "0/admin,", `0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}`, `4{"message":"Not authorized"}`, "1", "1/admin,",
		`2["foo"]`, `2/admin,["bar"]`, `212["foo",{"a":[1,null]}]`, `3/admin,13["bar"]`, `3007[]`, `2["connect"]`, `2[1]`, `2["\u0061\ud800"]`,
		`51-["baz",{"_placeholder":true,"num":0}]`, `52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`,
		`61-15["bar",{"_placeholder":true,"num":0}]`, `510-7[""]`, `511-[""]`, `5-[""]`, "", "9", "2/", "2/,", "0/a/b?c=d,{}", `2 ["a"] `, "2[\"\xff\"]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := decodePacket(text)
		if err != nil {
			return
		}
		if p.data == nil && p.args != nil {
			p.data = dataOf(t, p)
		}
		encoded := p.frame().data
		got, err := decodePacket(encoded[1:])
		if err != nil {
			t.Fatalf("%q was encoded as %q, which is not decoded", text, encoded)
		}
		if got.data == nil && got.args != nil {
			got.data = dataOf(t, got)
		}
		p.args, got.args = nil, nil // they are in data, without the spaces between them
		if !reflect.DeepEqual(got, p) {
			t.Errorf("%q was encoded as %q, decoded as %+v, want %+v", text, encoded, got, p)
		}
	})
}

// dataOf returns the data of an event or acknowledgement, as the application would send it back.
func dataOf(t *testing.T, p *packet) json.RawMessage {
	t.Helper()
	var values []any
	if p.kind == packetEvent || p.kind == packetBinaryEvent {
		values = append(values, p.name)
	}
	for _, arg := range p.args {
		values = append(values, arg)
	}
	data, _, err := encodeArgs(values)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func FuzzDecodePayload(f *testing.F) {
	for _, body := range []string{
		"4hello", "4hello\x1e2\x1e4world", "4hello\x1ebAQIDBA==", "0{}", "1", "3", "6", "", "\x1e", "4\x1e", "b", "b=", "bAQ", "4\xff", "x", "2probe", "5", "b\x1e4",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var frames []frame
		for p, err := range decodePayload(body) {
			if err != nil {
				break
			}
			frames = append(frames, p)
		}
		if frames == nil {
			return
		}
		var again []frame
		for p, err := range decodePayload(encodePayload(frames)) {
			if err != nil {
				t.Fatalf("%q was encoded as %q, which is not decoded", body, encodePayload(frames))
			}
			again = append(again, p)
		}
		same := func(a, b frame) bool { return a.binary == b.binary && string(a.data) == string(b.data) }
		if !slices.EqualFunc(frames, again, same) {
			t.Errorf("%q was decoded as %v, and its encoding as %v", body, frames, again)
		}
	})
}
