package web

import (
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// KeptForms keeps the forms that were sent after their session had ended, until the page of the
// form shows them again.
type KeptForms struct {
	sessions *Sessions
	forms    *Forms
	requests *desk.Requests
	routes   *Router
	log      *slog.Logger
}

// keep stores the text of a form whose session had ended. It stores nothing if the browser's
// session token is not known, or if no page has the form.
func (k *KeptForms) keep(c echo.Context) error {
	token, page := k.sessions.cookies.SessionToken(c), k.routes.formPage(c)
	if token == "" || page == "/" {
		return nil
	}
	user, err := k.requests.EndedSession(c.Request().Context(), token)
	if err != nil || user == 0 {
		return err
	}
	f, err := k.forms.readTexts(c, user) // only here: an invented session token takes no slot
	if err != nil {
		return err
	}
	writer, _ := strconv.ParseInt(f.Get(ui.SenderField), 10, 64) // 0 if it is missing
	if writer != 0 && writer != user {
		return nil
	}
	for name := range f.Values {
		if neverKept[name] {
			delete(f.Values, name)
		}
	}
	f.Values.Set(KeptPath, c.Request().URL.Path)
	kept, err := k.requests.KeepForm(c.Request().Context(), user, page, c.Request().URL.Path, f.Values)
	if err != nil {
		return err
	}
	switch {
	case !kept:
	case len(TypedIn(f)) == 0: // a button, or choices
		Flash(c, "warn", "Your session ended, so nothing was saved. Sign in and do it again.")
	default:
		Flash(c, "warn", "Your session ended. Sign in and what you typed is back; only files have to be chosen again.")
	}
	return nil
}

// neverKept are fields that are secret, or name the user, who is known.
var neverKept = map[string]bool{"password": true, "current": true, ui.SenderField: true}

// KeptPath is the field of a kept form with the path to which it was sent.
const KeptPath = "kept_path"

// SessionHadEnded is why a form was kept.
const SessionHadEnded = "Your session had ended. What you entered is kept below; check it and send it again."

// NothingSaved is the notice for a kept form that the page does not show again, such as that of a button.
const NothingSaved = "Nothing was saved, because your session had ended. Do it again if you still want it."

// Restore is [KeptForms.Take] for forms that the page shows again, which isShown recognizes. It adds
// a notice to the page that the form is not sent yet, or that nothing was saved.
func (k *KeptForms) Restore(c echo.Context, isShown func(Form) bool) (Form, bool) {
	form, ok := k.Take(c)
	switch {
	case !ok:
		return Form{}, false
	case !isShown(form):
		Flash(c, "warn", NothingSaved)
		return Form{}, false
	}
	Flash(c, "warn", "This is not sent yet. "+SessionHadEnded)
	return form, true
}

// drop drops the form that was kept for a page if the page does not show it again, and adds a notice.
func (k *KeptForms) drop(c echo.Context) {
	if c.Request().Method != http.MethodGet || IsPartial(c) || ActorOf(c).ID == 0 {
		return
	}
	if _, ok := k.Take(c); ok {
		Flash(c, "warn", NothingSaved)
	}
}

// KeptID returns the id at the end of the path to which a kept form was sent, or 0 if there is none.
func KeptID(f Form) int64 {
	id, _ := strconv.ParseInt(path.Base(f.Get(KeptPath)), 10, 64)
	return id
}

// AnyForm is for the pages with one form.
func AnyForm(Form) bool { return true }

// Has returns a function that reports whether a form has one of the fields.
func Has(fields ...string) func(Form) bool {
	return func(f Form) bool { return slices.ContainsFunc(fields, f.Values.Has) }
}

// keyTaken is the key of the [takenForms] in the request's context.
const keyTaken = "taken forms"

// takenForms are the kept forms that a page has taken.
type takenForms struct {
	forms     []desk.KeptForm
	areOthers bool // whether the page has further ones
}

// Take returns a form that was kept for the page of the request, or false if there is none or
// the request has taken it: the newest one with text, or else the newest. It is removed when the page is
// sent, together with those without text; the next page takes another one with text. Take reads the
// database only if the sign-in of this session found kept forms, and never for a HEAD request.
func (k *KeptForms) Take(c echo.Context) (Form, bool) {
	ctx, page := c.Request().Context(), c.Request().URL.Path
	pages := strings.Split(k.sessions.GetString(ctx, keyKept), "\n")
	if !slices.Contains(pages, page) || c.Get(keyTaken) != nil || c.Request().Method == http.MethodHead {
		return Form{}, false
	}
	kept, err := k.requests.KeptForms(ctx, ActorOf(c), page)
	if err != nil {
		logFailure(k.log, c, "kept forms not read", err)
		return Form{}, false
	}
	hasText := func(f desk.KeptForm) bool { return len(TypedIn(Form{Values: f.Fields})) > 0 }
	at := max(0, slices.IndexFunc(kept, hasText))
	var taken takenForms
	for i, f := range kept {
		if i != at && hasText(f) {
			taken.areOthers = true
			continue
		}
		taken.forms = append(taken.forms, f)
	}
	c.Set(keyTaken, taken)
	if len(kept) == 0 {
		return Form{}, false
	}
	return Form{Values: kept[at].Fields}, true
}

// putBack is called for a request that failed after [KeptForms.Take]: its page may show the form later.
func (k *KeptForms) putBack(c echo.Context) {
	if c.Get(keyTaken) != nil {
		c.Set(keyTaken, nil)
		c.Set(keyFlash, nil) // of Restore
	}
}

// remove removes the forms that the request has taken, because its page is about to be sent.
func (k *KeptForms) remove(c echo.Context) {
	taken, ok := c.Get(keyTaken).(takenForms)
	if !ok {
		return
	}
	ctx := c.Request().Context()
	if err := k.requests.DropForms(ctx, ActorOf(c), taken.forms); err != nil {
		logFailure(k.log, c, "kept forms not removed", err)
		return
	}
	if !taken.areOthers {
		pages := strings.Split(k.sessions.GetString(ctx, keyKept), "\n")
		pages = slices.DeleteFunc(pages, func(page string) bool { return page == c.Request().URL.Path })
		k.sessions.Put(ctx, keyKept, strings.Join(pages, "\n"))
	}
}
