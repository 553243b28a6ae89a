package socketio

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// Types of the packets of Socket.IO: the first byte of a message.
const (
	packetConnect      = '0'
	packetDisconnect   = '1'
	packetEvent        = '2'
	packetAck          = '3'
	packetConnectError = '4'
	packetBinaryEvent  = '5'
	packetBinaryAck    = '6'
)

// maxAckDigits is the maximum length of an id of an acknowledgement. Clients count from 0.
const maxAckDigits = 15

// reserved are the names that events must not have, because they have a meaning in the
// libraries for JavaScript.
var reserved = []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}

// packet is a packet of Socket.IO.
type packet struct {
	kind        byte
	attachments int // number of binary messages that follow
	namespace   string
	ack         string            // id of the acknowledgement in digits; "" for none
	data        json.RawMessage   // nil for none; not set by decodePacket for events and acknowledgements
	name        string            // of an event
	args        []json.RawMessage // of an event without its name, or of an acknowledgement
}

// isBinary reports whether binary messages can follow the packet.
func (p *packet) isBinary() bool { return p.kind == packetBinaryEvent || p.kind == packetBinaryAck }

// decodePacket returns the packet in a message, or errPacket. It checks that the data is
// allowed for the type.
func decodePacket(text []byte) (*packet, error) {
	if len(text) == 0 || text[0] < packetConnect || text[0] > packetBinaryAck {
		return nil, errPacket
	}
	p := &packet{kind: text[0], namespace: "/"}
	rest := text[1:]
	if p.isBinary() {
		count, after, ok := bytes.Cut(rest, []byte("-"))
		n := digits(count)
		if !ok || n == 0 || n > 2 || n < len(count) {
			return nil, errPacket
		}
		p.attachments, _ = strconv.Atoi(string(count)) // at most 2 digits
		if p.attachments > maxAttachments {
			return nil, errPacket
		}
		rest = after
	}
	if len(rest) > 0 && rest[0] == '/' {
		name, after, _ := bytes.Cut(rest, []byte(","))
		if len(name) > maxNamespace {
			return nil, errPacket
		}
		p.namespace, rest = string(name), after
	}
	n := digits(rest)
	if n > maxAckDigits {
		return nil, errPacket
	}
	p.ack, p.data = string(rest[:n]), bytes.TrimSpace(rest[n:])
	if !p.decodeData() {
		return nil, errPacket
	}
	return p, nil
}

// digits returns the number of digits at the beginning of text.
func digits(text []byte) int {
	n := bytes.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		return len(text)
	}
	return n
}

// decodeData checks and decodes the data by the type of the packet.
func (p *packet) decodeData() bool {
	data := p.data
	p.data = nil
	switch p.kind {
	case packetConnect, packetConnectError:
		if len(data) > 0 {
			p.data = data
			return data[0] == '{' && json.Valid(data)
		}
		return p.kind == packetConnect
	case packetDisconnect:
		return len(data) == 0
	case packetAck, packetBinaryAck:
		return json.Unmarshal(data, &p.args) == nil && p.args != nil
	}
	if json.Unmarshal(data, &p.args) != nil || len(p.args) == 0 || p.args[0][0] != '"' {
		return false
	}
	if json.Unmarshal(p.args[0], &p.name) != nil || slices.Contains(reserved, p.name) {
		return false
	}
	p.args = p.args[1:]
	return true
}

// head returns the message with everything before the data, as a packet of Engine.IO.
func (p *packet) head() []byte {
	out := []byte{typeMessage, p.kind}
	if p.isBinary() {
		out = strconv.AppendInt(out, int64(p.attachments), 10)
		out = append(out, '-')
	}
	if p.namespace != "/" {
		out = append(append(out, p.namespace...), ',')
	}
	return append(out, p.ack...)
}

// frame returns the packet with its data as a packet of Engine.IO.
func (p *packet) frame() frame { return frame{data: append(p.head(), p.data...)} }
