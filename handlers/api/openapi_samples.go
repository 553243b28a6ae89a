package api

import (
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/settings"
)

// Examples of answers. They have the types of the answers, so that their shape is right.

var (
	sampleTime   = web.JSONTime(time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC))
	sampleExpiry = web.JSONTime(time.Time(sampleTime).AddDate(0, 0, 7))
	sampleDay    = "2026-12-07"
	sampleTeam   = JSONTeam{ID: 1, Name: "Billing", Members: 4, Member: true}
	sampleRole   = JSONRole{2, 3, account.RoleInput{Name: "Light agent", SeeAll: true, Note: true, Version: 1}}
	sampleEmail  = "ana@example.org"
	sampleFile   = "/uploads/k3v2m7q4x6z2b5n3c7d4f6g2h5"
	sampleUser   = web.JSONUser{ID: 7, Username: "Ana Kovač", Email: &sampleEmail}

	colleagueEmail  = "lucia@example.org"
	sampleColleague = web.JSONUser{ID: 3, Username: "Lucía Ortega", Email: &colleagueEmail}

	sampleTicket = web.JSONTicket{ID: 1043, Subject: "Invoice 2207", Description: "It has our old address.", Category: "Billing", Priority: "High", Status: "OPEN",
		Attachment: &sampleFile, UserID: sampleUser.ID, User: sampleUser, CreatedAt: sampleTime, UpdatedAt: sampleTime, Version: 1}
	sampleComment = web.JSONComment{ID: web.EntryNumber(sampleTicket.ID, 2), TicketID: sampleTicket.ID, Text: "It works again. Thank you.",
		UserID: sampleUser.ID, User: sampleUser, CreatedAt: sampleTime, Files: []web.JSONFile{}}
	sampleNotification = JSONNotification{ID: sampleTicket.ID, TicketID: sampleTicket.ID, Subject: sampleTicket.Subject, Kind: "comment", Author: "Priya Nair",
		Seq: 4, FirstSeq: 3, Events: 2, Unread: true, CreatedAt: sampleTime}
	sampleView     = JSONView{ID: 3, Name: "Urgent refunds", Query: "priority=Urgent&q=refund", Share: "4", Team: &JSONViewTeam{4, "Billing"}, Pinned: true, MayChange: true}
	sampleSettings = JSONSettings{settings.Defaults(), 1}
	sampleNote     = web.JSONNote{ID: web.EntryNumber(sampleTicket.ID, 5), Seq: 5, TicketID: sampleTicket.ID, Text: "Accounts can only re-issue until the 25th.",
		UserID: sampleColleague.ID, User: sampleColleague, CreatedAt: sampleTime, Files: []web.JSONFile{{Name: "invoice-2207.pdf", URL: sampleFile, Type: "application/pdf", Size: 48_213}}}
	sampleFollower = web.JSONFollower{ID: sampleColleague.ID, Username: sampleColleague.Username, Reason: "mentioned"}
	sampleMessage  = web.JSONMessage{ID: web.EntryNumber(sampleTicket.ID, 3), Seq: 3, TicketID: sampleTicket.ID, Message: "Hello there",
		SenderID: sampleUser.ID, Sender: web.JSONSender{ID: sampleUser.ID, Username: sampleUser.Username, Role: "CUSTOMER"}, CreatedAt: sampleTime}
)

// samples are the examples, one for each type.
var samples = []any{
	healthy{true}, sampleTicket, []web.JSONTicket{sampleTicket}, sampleComment, []web.JSONComment{sampleComment}, sampleMessage, []web.JSONMessage{sampleMessage}, []JSONNotification{sampleNotification},
	sampleView, []JSONView{sampleView}, sampleSettings, web.JSONToken{Token: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ2ZXIiOjF9.c2lnbmF0dXJl"}, JSONLink{sampleFile + "?sign=c2lnbmF0dXJl&until=1795685700", 300}, JSONSocketToken{"K3V2M7Q4X6Z2B5N3C7D4F6G2H5", 30},
	sampleNote, []web.JSONNote{sampleNote}, JSONAddedNote{sampleNote, []JSONUnmentioned{{"Tom", "ambiguous"}}}, []web.JSONFollower{sampleFollower},
	sampleTeam, []JSONTeam{sampleTeam}, []JSONMember{{ID: 3, Username: sampleColleague.Username, Email: colleagueEmail, Lead: true, Active: 12}},
	[]JSONColleague{{ID: 3, Username: sampleColleague.Username, Email: colleagueEmail}}, sampleRole, []JSONRole{sampleRole}, JSONAway{true, &sampleDay},
	[]JSONInvitation{{ID: 4, Email: "lena@example.org", Role: "agent", Teams: []int64{2}, InvitedBy: sampleColleague.Username, CreatedAt: sampleTime, ExpiresAt: sampleExpiry}},
	JSONInvitationLink{4, "lena@example.org", "https://help.example.org/invitations/k3v2m7q4x6z2b5n3c7d4f6g2h5", sampleExpiry},
	web.JSONError{Error: "Write something first.", Message: "Write something first.", Fields: map[string]string{"text": "Write something first."}},
	web.JSONEvent{Event: "message", Seq: sampleMessage.Seq, Data: web.ToJSON(sampleMessage)},
}
