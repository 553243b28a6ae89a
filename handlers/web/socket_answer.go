package web

import (
	"encoding/json"

	"frontdesk/internal/live"
)

// JSONAnswer is what a client hears back.
type JSONAnswer struct {
	Type        string `json:"type" enum:"ack error joined pong" doc:"ack, error, joined or pong."`
	ClientMsgID string `json:"clientMsgId,omitempty" doc:"Of the line it is about."`
	Seq         int64  `json:"seq,omitempty" doc:"With ack: the place of the stored line."`
	Error       string `json:"error,omitempty" doc:"A name that programs can tell."`
	Message     string `json:"message,omitempty" doc:"And words."`
}

func (a JSONAnswer) Frame() *live.Frame {
	b, err := json.Marshal(a)
	if err != nil {
		panic(err) // strings and numbers
	}
	return live.NewFrame(b)
}

func ProblemAnswer(name, words, key string) JSONAnswer {
	return JSONAnswer{Type: "error", Error: name, Message: words, ClientMsgID: key}
}
