package socketio

import "encoding/json"

// Binary is an argument of an event or acknowledgement that is sent as bytes.
type Binary []byte

// Message is an event that is encoded once for any number of sockets.
type Message struct {
	data        json.RawMessage // an array of the name and the arguments
	attachments []frame
	main        []frame // for the namespace "/"
}

// NewMessage returns an event with arguments, each of which is encoded as JSON or is a
// [Binary]. It returns an error if an argument has no JSON.
func NewMessage(name string, args ...any) (*Message, error) {
	data, attachments, err := encodeArgs(append([]any{name}, args...))
	if err != nil {
		return nil, err
	}
	return newMessage(data, attachments), nil
}

func newMessage(data json.RawMessage, attachments []frame) *Message {
	m := &Message{data: data, attachments: attachments}
	m.main = m.encode("/")
	return m
}

// With returns the event with one more argument, a text. The other arguments are not encoded again.
// It is used to give each socket its own offset: see Options.Connect.
func (m *Message) With(text string) *Message {
	last, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string
	}
	data := make([]byte, 0, len(m.data)+1+len(last))
	data = append(append(data, m.data[:len(m.data)-1]...), ',')
	return newMessage(append(append(data, last...), ']'), m.attachments)
}

// frames returns the packets of the event in a namespace.
func (m *Message) frames(namespace string) []frame {
	if namespace == "/" {
		return m.main
	}
	return m.encode(namespace)
}

// encode returns new packets of the event.
func (m *Message) encode(namespace string) []frame {
	p := &packet{kind: packetEvent, namespace: namespace, data: m.data}
	if len(m.attachments) > 0 {
		p.kind, p.attachments = packetBinaryEvent, len(m.attachments)
	}
	return append([]frame{p.frame()}, m.attachments...)
}

// placeholder replaces a binary argument in the JSON of an event.
type placeholder struct {
	Placeholder bool `json:"_placeholder"`
	Num         int  `json:"num"`
}

// encodeArgs returns arguments as a JSON array, and the binary ones among them.
func encodeArgs(args []any) (data json.RawMessage, attachments []frame, err error) {
	values := make([]any, len(args))
	for i, a := range args {
		if b, binary := a.(Binary); binary {
			a = placeholder{true, len(attachments)}
			attachments = append(attachments, frame{data: b, binary: true})
		}
		values[i] = a
	}
	data, err = json.Marshal(values)
	return data, attachments, err
}
