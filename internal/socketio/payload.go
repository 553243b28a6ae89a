package socketio

import (
	"bytes"
	"encoding/base64"
	"errors"
	"iter"
	"unicode/utf8"
)

// Types of the packets of Engine.IO: the first byte of a text.
const (
	typeOpen    = '0'
	typeClose   = '1'
	typePing    = '2'
	typePong    = '3'
	typeMessage = '4'
	typeUpgrade = '5'
	typeNoop    = '6'
)

// separator separates the packets of a payload, which is the body of a request or response of long
// polling. A binary packet in a payload begins with binaryMark and is encoded as base64.
const (
	separator  = 0x1e
	binaryMark = 'b'
)

// errPacket is the error of packets that the protocol does not allow.
var errPacket = errors.New("invalid packet")

// frame is one packet of Engine.IO: a text that begins with its type, or the bytes of a
// binary message. It can be in the queues of several sessions and is not changed.
type frame struct {
	data   []byte
	binary bool
}

// textFrame returns a packet of a type.
func textFrame(kind byte, text string) frame { return frame{data: append([]byte{kind}, text...)} }

// kind returns the type of the packet. A binary packet is a message.
func (f frame) kind() byte {
	if f.binary {
		return typeMessage
	}
	return f.data[0]
}

// decodeFrame returns the packet in a text, or errPacket if it is empty, not UTF-8, or
// has an unknown type.
func decodeFrame(text []byte) (frame, error) {
	if len(text) == 0 || text[0] < typeOpen || text[0] > typeNoop || !utf8.Valid(text) {
		return frame{}, errPacket
	}
	return frame{data: text}, nil
}

// decodePayload returns the packets of a payload, up to and including the first error.
// They share the bytes of body.
func decodePayload(body []byte) iter.Seq2[frame, error] {
	return func(yield func(frame, error) bool) {
		for more := true; more; {
			var part []byte
			part, body, more = bytes.Cut(body, []byte{separator})
			f, err := decodePart(part)
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// decodePart returns the packet in one part of a payload.
func decodePart(part []byte) (frame, error) {
	if len(part) == 0 || part[0] != binaryMark {
		return decodeFrame(part)
	}
	data, err := base64.StdEncoding.AppendDecode(nil, part[1:])
	if err != nil {
		return frame{}, errPacket
	}
	return frame{data: data, binary: true}, nil
}

// encodePayload returns the payload with the packets.
func encodePayload(frames []frame) []byte {
	size := 0
	for _, f := range frames {
		size += len(f.data)*4/3 + 5 // enough for base64
	}
	out := make([]byte, 0, size)
	for i, f := range frames {
		if i > 0 {
			out = append(out, separator)
		}
		if f.binary {
			out = base64.StdEncoding.AppendEncode(append(out, binaryMark), f.data)
		} else {
			out = append(out, f.data...)
		}
	}
	return out
}
