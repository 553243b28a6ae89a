package mailout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/event"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
)

// maxAttached is the maximum size of the files of a mail. Larger ones are linked: servers commonly
// refuse mails over 20 to 25 MB, and the encoding adds a third.
const maxAttached = 15 << 20

// maxAttachedAtOnce is the maximum size of the files of the mails that are written in one
// transaction, unless it is a single mail. A slow disk can write this much within the time limit of
// a delivery.
const maxAttachedAtOnce = 2 * maxAttached

// errManyFiles makes the outbox deliver each event in a transaction of its own.
var errManyFiles = errors.New("the files of the mails are too large for one transaction")

// checkFiles returns [errManyFiles] if the files of the mails about several events are too large for one transaction.
// It counts those that [Sender.answerContent] would attach, before any is read.
func checkFiles(files map[eventKey][]db.MailFilesRow) error {
	total := int64(0)
	for _, of := range files {
		attached := int64(0)
		for _, f := range of {
			if attached+f.Size <= maxAttached {
				attached += f.Size
			}
		}
		total += attached
	}
	if len(files) > 1 && total > maxAttachedAtOnce {
		return errManyFiles
	}
	return nil
}

// eventKey identifies an event.
type eventKey struct{ ticketID, seq int64 }

// filesOf returns the files of events.
func filesOf(ctx context.Context, q *db.Queries, rows []db.MailEventsRow) (map[eventKey][]db.MailFilesRow, error) {
	var in db.MailFilesParams
	for _, e := range rows {
		in.Tickets, in.Seqs = append(in.Tickets, e.TicketID), append(in.Seqs, e.Seq)
	}
	found, err := q.MailFiles(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read files for mails: %w", err)
	}
	files := map[eventKey][]db.MailFilesRow{}
	for _, f := range found {
		key := eventKey{f.TicketID, f.Seq}
		files[key] = append(files[key], f)
	}
	return files, nil
}

// writeAnswer writes one mail to a requester about events of the same ticket.
func (m *composer) writeAnswer(ctx context.Context, q *db.Queries, events []db.MailEventsRow, files map[eventKey][]db.MailFilesRow, at time.Time) (jobs.Mail, error) {
	out, err := m.answer(ctx, q, events, files, at)
	if err != nil || out.box.ID == 0 {
		return jobs.Mail{}, err
	}
	return m.write(ctx, q, out)
}

// answer returns one mail to a requester about events of the same ticket, or the zero value if
// there is no mailbox.
func (m *composer) answer(ctx context.Context, q *db.Queries, events []db.MailEventsRow, files map[eventKey][]db.MailFilesRow, at time.Time) (outgoing, error) {
	box, ok := m.box(0)
	if !ok {
		return outgoing{}, nil
	}
	last := events[len(events)-1]
	out := outgoing{box: box, kind: KindAnswer, ticketID: last.TicketID, seq: last.Seq, userID: last.RequesterID, email: last.Email,
		to: mail.Address{Name: last.Requester, Addr: last.Email}, at: at, agent: last.Author}
	if last.Kind == event.KindStatus {
		out.kind = KindStatus
	}
	var err error
	if out.content, out.files, err = m.answerContent(events, files, maxAttached); err != nil {
		return outgoing{}, err
	}
	return out, m.thread(ctx, q, &out)
}

// thread sets the headers by which mail clients show the mail in one conversation with the others
// about its ticket.
func (m *composer) thread(ctx context.Context, q *db.Queries, out *outgoing) error {
	before, err := q.MailThread(ctx, db.MailThreadParams{TicketID: &out.ticketID, UserID: &out.userID})
	if err != nil {
		return fmt.Errorf("read the conversation of a mail: %w", err)
	}
	out.references = []string{m.rootID(out.ticketID, out.box.From)}
	slices.Reverse(before)
	out.references = append(out.references, before...)
	out.inReplyTo = out.references[len(out.references)-1]
	return nil
}

// answerContent returns the content of a mail to the requester about events, and the files to
// attach. Files that are larger than the bytes that are left are linked.
func (m *composer) answerContent(events []db.MailEventsRow, files map[eventKey][]db.MailFilesRow, left int64) (c Content, attached []mail.File, err error) {
	last := events[len(events)-1]
	c = Content{Subject: ticketSubject(last.TicketID, last.Subject), Intro: []string{answerIntro(events)},
		Button: Link{"Open the ticket and answer", m.ticketURL(last.TicketID)},
		Notes:  []string{fmt.Sprintf("This mail is about your ticket #%d. Please answer on the page of the ticket: answers to this mail do not reach it.", last.TicketID)}}
	for _, e := range events {
		if e.Kind == event.KindStatus {
			continue
		}
		entry := Entry{Meta: e.Author + ", " + m.mailTime(e.CreatedAt), Text: e.Body}
		for _, f := range files[eventKey{e.TicketID, e.Seq}] {
			shown := File{Name: f.Filename, Size: f.Size, URL: m.opts.PublicURL + "/uploads/" + f.Name}
			file, ok, err := m.attachment(f, left)
			if err != nil {
				return c, nil, err
			}
			if ok {
				attached, left, shown.Attached = append(attached, file), left-f.Size, true
			}
			entry.Files = append(entry.Files, shown)
		}
		c.Entries = append(c.Entries, entry)
	}
	if last.NoPassword {
		c.Notes = append(c.Notes, "Your account has no password yet. Choose one first, for the address of this mail: "+m.opts.PublicURL+"/password")
	}
	if s := thenStatus(last); s != "" {
		c.Notes = slices.Insert(c.Notes, 0, fmt.Sprintf("The ticket is %s now. If something is left, write an answer on its page, which opens it again.", s))
	}
	return c, attached, nil
}

// attachment returns a file to attach. ok is false if the file is larger than the bytes that are
// left or missing in the store; it is then linked, so that the answer is mailed anyway.
func (m *composer) attachment(f db.MailFilesRow, left int64) (file mail.File, ok bool, err error) {
	if f.Size > left {
		return file, false, nil
	}
	content, err := m.readFile(f.Name)
	if errors.Is(err, fs.ErrNotExist) {
		m.opts.Log.Error("file of a mail is missing", "ticket", f.TicketID, "seq", f.Seq, "file", f.Name)
		return file, false, nil
	}
	return mail.File{Name: f.Filename, ContentType: f.ContentType, Content: content}, err == nil, err
}

// readFile returns the content of an attachment.
func (m *composer) readFile(name string) ([]byte, error) {
	content, err := m.opts.Files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open a file for a mail: %w", err)
	}
	defer content.Close()
	all, err := io.ReadAll(content)
	if err != nil {
		return nil, fmt.Errorf("read a file for a mail: %w", err)
	}
	return all, nil
}

// ticketSubject returns the subject of mails about a ticket. It is always the same, because some
// mail clients show only mails with the same subject as one conversation.
func ticketSubject(id int64, subject string) string { return fmt.Sprintf("[#%d] %s", id, subject) }

// answerIntro returns the first sentence of a mail to the requester.
func answerIntro(events []db.MailEventsRow) string {
	last := events[len(events)-1]
	switch {
	case last.Kind == event.KindStatus:
		return fmt.Sprintf("%s has %s your ticket “%s”.", last.Author, statusWord(event.Decode[event.StatusChange](last.Data)), last.Subject)
	case last.Kind == event.KindOpened:
		return fmt.Sprintf("%s has opened the ticket “%s” for you.", last.Author, last.Subject)
	case last.Kind == event.KindMessage && len(events) > 1:
		return fmt.Sprintf("There are %d new chat messages on your ticket “%s”.", len(events), last.Subject)
	case last.Kind == event.KindMessage:
		return fmt.Sprintf("%s has sent you a chat message on your ticket “%s”.", last.Author, last.Subject)
	}
	return fmt.Sprintf("%s has answered your ticket “%s”.", last.Author, last.Subject)
}

// thenStatus returns "resolved" or "closed" if the ticket got this status with the event, and
// otherwise "".
func thenStatus(e db.MailEventsRow) string {
	to := db.TicketStatus(e.ThenStatus)
	if e.Kind == event.KindStatus {
		to = event.Decode[event.StatusChange](e.Data).To
	}
	switch to {
	case db.TicketStatusRESOLVED:
		return "resolved"
	case db.TicketStatusCLOSED:
		return "closed"
	}
	return ""
}

func (m *composer) ticketURL(id int64) string {
	return fmt.Sprintf("%s/tickets/%d", m.opts.PublicURL, id)
}

// mailTime returns a time in the time zone of the desk, with the date and the zone, because a mail
// may be read at any later time.
func (m *composer) mailTime(t time.Time) string {
	return t.In(m.opts.Location).Format("2 January 2006, 15:04 MST")
}
