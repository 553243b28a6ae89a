package web

import (
	"encoding/json"

	"frontdesk/internal/live"
)

// JSONAnswer is the answer to a message of a client on a socket.
type JSONAnswer struct {
	Type        string `json:"type" enum:"ack error joined pong" doc:"ack, error, joined or pong."`
	ClientMsgID string `json:"clientMsgId,omitempty" doc:"The clientMsgId of the message that is answered."`
	Seq         int64  `json:"seq,omitempty" doc:"With ack: the sequence number of the stored message."`
	Error       string `json:"error,omitempty" doc:"A name for programs."`
	Message     string `json:"message,omitempty" doc:"A sentence for people."`
}

// Frame returns the answer as a message of a socket.
func (a JSONAnswer) Frame() *live.Frame {
	b, err := json.Marshal(a)
	if err != nil {
		panic(err) // strings and numbers
	}
	return live.NewFrame(b)
}

// ProblemAnswer returns an answer of type "error", with a name for clients, a text, and the
// clientMsgId of the message.
func ProblemAnswer(name, words, key string) JSONAnswer {
	return JSONAnswer{Type: "error", Error: name, Message: words, ClientMsgID: key}
}
