package handlers

import (
	"encoding/json"
	"reflect"
	"time"
)

// Examples of what the API answers. Their types are those of the answers, so that
// they cannot differ in shape.

var (
	sampleTime  = jsonTime(time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC))
	sampleEmail = "ana@example.org"
	sampleFile  = "/uploads/k3v2m7q4x6z2b5n3c7d4f6g2h5"
	sampleUser  = apiUser{ID: 7, Username: "Ana Kovač", Email: &sampleEmail}

	sampleTicket = apiTicket{ID: 1043, Subject: "Invoice 2207", Description: "It has our old address.", Category: "Billing", Priority: "High", Status: "OPEN",
		Attachment: &sampleFile, UserID: sampleUser.ID, User: sampleUser, CreatedAt: sampleTime, UpdatedAt: sampleTime, Version: 1}
	sampleComment = apiComment{ID: entryNumber(sampleTicket.ID, 2), TicketID: sampleTicket.ID, Text: "It works again. Thank you.",
		UserID: sampleUser.ID, User: sampleUser, CreatedAt: sampleTime}
	sampleNotification = apiNotification{ID: sampleTicket.ID, TicketID: sampleTicket.ID, Subject: sampleTicket.Subject, Kind: "comment", Author: "Priya Nair",
		Seq: 4, FirstSeq: 3, Events: 2, Unread: true, CreatedAt: sampleTime}
	sampleMessage = apiMessage{ID: entryNumber(sampleTicket.ID, 3), Seq: 3, TicketID: sampleTicket.ID, Message: "Hello there",
		SenderID: sampleUser.ID, Sender: apiSender{ID: sampleUser.ID, Username: sampleUser.Username, Role: "CUSTOMER"}, CreatedAt: sampleTime}
)

var samples = []any{
	healthy{true}, sampleTicket, []apiTicket{sampleTicket}, sampleComment, []apiComment{sampleComment}, sampleMessage, []apiMessage{sampleMessage}, []apiNotification{sampleNotification},
	apiToken{"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ2ZXIiOjF9.c2lnbmF0dXJl"}, apiLink{sampleFile + "?sign=c2lnbmF0dXJl&until=1795685700", 300}, apiSocketToken{"K3V2M7Q4X6Z2B5N3C7D4F6G2H5", 30},
	apiError{Error: "Write something first.", Message: "Write something first.", Fields: map[string]string{"text": "Write something first."}},
	apiEvent{Event: "message", Seq: sampleMessage.Seq, Data: toJSON(sampleMessage)},
}

// sampleOf returns the example of the type of v, or nil.
func sampleOf(v any) any {
	for _, sample := range samples {
		if reflect.TypeOf(sample) == reflect.TypeOf(v) {
			return sample
		}
	}
	return nil
}

func toJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs
	}
	return b
}
