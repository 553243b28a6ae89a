package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailout"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Mailboxes has the pages of mailboxes.
type Mailboxes struct{ *core }

// List shows the mailboxes from which the desk sends.
func (s *Mailboxes) List(c echo.Context) error {
	boxes, err := s.Desk.Mailboxes.List(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.MailboxList(views.MailboxesPage{Boxes: boxes, Configurable: s.Desk.Mail.Configurable()}))
}

// New shows the form of a new mailbox.
func (s *Mailboxes) New(c echo.Context) error {
	page := views.MailboxPage{Form: mailout.NewMailbox}
	if kept, ok := s.KeptForms.Restore(c, web.Has("address")); ok {
		web.Bind(kept, &page.Form)
		page.Typed = kept.Values
	}
	return s.Render(c, http.StatusOK, views.MailboxEdit(page))
}

// Add adds a mailbox.
func (s *Mailboxes) Add(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in mailout.MailboxInput
	web.Bind(f, &in)
	id, err := s.Desk.Mailboxes.Add(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.MailboxEdit(views.MailboxPage{Form: in, Typed: f.Values, Invalid: inv}))
	}
	if err != nil {
		return err
	}
	return web.Done(c, mailboxURL(id), fmt.Sprintf("The mailbox %s is added. Send a test mail now.", ui.Isolated(in.Address)))
}

// Show shows the form of a mailbox.
func (s *Mailboxes) Show(c echo.Context) error {
	return s.renderMailbox(c, http.StatusOK, func(p *views.MailboxPage) {
		if kept, ok := s.KeptForms.Restore(c, web.Has("version")); ok {
			p.Form, p.Typed = mailout.MailboxInput{}, kept.Values
			web.Bind(kept, &p.Form)
			p.Stale = p.Form.Version != p.Saved.Version
		}
	})
}

// renderMailbox shows the mailbox in the path, with its form as change sets it.
func (s *Mailboxes) renderMailbox(c echo.Context, status int, change func(*views.MailboxPage)) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	saved, err := s.Desk.Mailboxes.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	page := views.MailboxPage{Saved: saved, Form: saved.MailboxInput}
	change(&page)
	return s.Render(c, status, views.MailboxEdit(page))
}

// Save changes a mailbox. If another admin has changed it since the form was loaded, the form
// is shown again.
func (s *Mailboxes) Save(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in mailout.MailboxInput
	web.Bind(f, &in)
	err = s.Desk.Mailboxes.Change(c.Request().Context(), web.ActorOf(c), id, in)
	if err == nil {
		return web.Done(c, mailboxURL(id), "The mailbox is saved.")
	}
	var stale *mailout.StaleMailbox
	if errors.As(err, &stale) {
		return s.renderMailbox(c, http.StatusConflict, func(p *views.MailboxPage) { p.Form, p.Typed, p.Stale = in, f.Values, true })
	}
	inv, ok := web.AsInvalid(err)
	if !ok {
		return err
	}
	return s.renderMailbox(c, http.StatusUnprocessableEntity, func(p *views.MailboxPage) { p.Form, p.Typed, p.Invalid = in, f.Values, inv })
}

// Pause pauses or resumes a mailbox.
func (s *Mailboxes) Pause(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	ctx, actor, flash := c.Request().Context(), web.ActorOf(c), ""
	switch f.Get("paused") {
	case "true":
		flash, err = "Sending is paused. Mails wait until you resume it.", s.Desk.Mailboxes.Pause(ctx, actor, id)
	case "false":
		flash, err = "Sending is resumed.", s.Desk.Mailboxes.Resume(ctx, actor, id)
	default:
		err = fault.NewInvalid("paused", "Choose true or false.")
	}
	if err != nil {
		return err
	}
	return web.Done(c, mailboxURL(id), flash)
}

// Try sends a mail from a mailbox to itself and shows the dialogue with its server.
func (s *Mailboxes) Try(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	trial, err := s.Desk.Mailboxes.Try(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return s.renderMailbox(c, http.StatusOK, func(p *views.MailboxPage) { p.Trial = &trial })
}

// ConfirmDeletion shows the page that confirms the deletion of a mailbox.
func (s *Mailboxes) ConfirmDeletion(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	saved, err := s.Desk.Mailboxes.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.MailboxDelete(saved))
}

// Delete deletes a mailbox.
func (s *Mailboxes) Delete(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Mailboxes.Remove(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return web.Done(c, "/admin/mailboxes", "The mailbox is deleted.")
}

func mailboxURL(id int64) string { return fmt.Sprintf("/admin/mailboxes/%d", id) }
