package web

import (
	"encoding/json"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/views/ui"
)

// A flash is a message about the last action, shown once on the next page. It is kept in a
// cookie of its own. In the session it would cost a second commit for each action, and a
// third one for the page that shows it.

const (
	// flashLife is how long a flash is kept for its page.
	flashLife = time.Minute
	// MaxFlash is the most bytes of its text. Browsers limit a cookie to 4,096 bytes.
	MaxFlash = 1000
	// keyFlash is the key of a flash in the request's context that is not yet sent.
	keyFlash = "flash"
	// keyFlashShown is a key in the request's context. It is set if the flash of the
	// browser's cookie has been shown.
	keyFlashShown = "flash shown"
)

// Flash sets the message for the next page. The tone is "ok", "warn" or "danger".
func Flash(c echo.Context, tone, text string) {
	c.Set(keyFlash, ui.Flash{Tone: tone, Text: truncate(text, MaxFlash)})
}

// OfferUndo adds a button to the flash that takes the change back.
func OfferUndo(c echo.Context, undo ui.Undo) {
	if f, ok := c.Get(keyFlash).(ui.Flash); ok {
		f.Undo = undo
		c.Set(keyFlash, f)
	}
}

// LinkFlash adds a link to a ticket to the flash.
func LinkFlash(c echo.Context, ticket int64) {
	if f, ok := c.Get(keyFlash).(ui.Flash); ok {
		f.Link = ticket
		c.Set(keyFlash, f)
	}
}

// flashes keeps flashes in the cookies of browsers.
type flashes struct {
	cookies *Cookies
	now     func() time.Time
}

// take returns the flash of this request or the one before, and removes it.
func (s flashes) take(c echo.Context) ui.Flash {
	if f, ok := c.Get(keyFlash).(ui.Flash); ok {
		c.Set(keyFlash, nil)
		return f
	}
	cookie, err := c.Cookie(s.cookies.name(FlashCookie))
	if err != nil || c.Get(keyFlashShown) != nil {
		return ui.Flash{}
	}
	c.Set(keyFlashShown, true)
	return s.unpack(cookie.Value)
}

// unpack reads the result of pack. It returns the zero Flash for any other value.
func (s flashes) unpack(value string) (f ui.Flash) {
	packed, ok := s.cookies.signer.read(FlashCookie, value, s.now(), flashLife)
	if !ok || json.Unmarshal(packed, &f) != nil || (f.Tone != "ok" && f.Tone != "warn" && f.Tone != "danger") {
		return ui.Flash{}
	}
	f.Text = truncate(f.Text, MaxFlash)
	return f
}

// pack returns a flash as the signed value of a cookie.
func (s flashes) pack(f ui.Flash) string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // cannot fail: the struct has only strings and numbers
	}
	return s.cookies.signer.Sign(FlashCookie, b, s.now().Add(flashLife))
}

// send sets or clears the cookie, just before the answer's header is written.
func (s flashes) send(c echo.Context) {
	cookie := s.cookies.New(s.cookies.name(FlashCookie), "", -1)
	if f, ok := c.Get(keyFlash).(ui.Flash); ok {
		cookie.MaxAge = int(flashLife.Seconds())
		cookie.Value = s.pack(f)
	} else if c.Get(keyFlashShown) == nil {
		return
	}
	c.SetCookie(cookie)
}
