package web

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/views"
)

// A word about the last deed travels in a cookie of its own to the page that
// shows it. In the session it would make every deed two commits, and the page
// behind it a third.

const (
	// flashLife is how long the word waits for its page.
	flashLife = time.Minute
	// MaxFlash is what it may have in bytes: a cookie ends at 4,096.
	MaxFlash = 1000
	// keyFlash is where a word that is not yet sent stands in a request's context.
	keyFlash = "flash"
	// keyFlashShown says there that the browser's word has been shown.
	keyFlashShown = "flash shown"
)

// Flash leaves a word for the next page.
func (s *Env) Flash(c echo.Context, tone, text string) {
	c.Set(keyFlash, views.Flash{Tone: tone, Text: truncate(text, MaxFlash)})
}

// OfferUndo adds to the word for the next page a button that takes the change back.
func (s *Env) OfferUndo(c echo.Context, undo views.Undo) {
	if f, ok := c.Get(keyFlash).(views.Flash); ok {
		f.Undo = undo
		c.Set(keyFlash, f)
	}
}

// takeFlash returns the word left by this request or the one before, once.
func (s *Env) takeFlash(c echo.Context) views.Flash {
	if f, ok := c.Get(keyFlash).(views.Flash); ok {
		c.Set(keyFlash, nil)
		return f
	}
	cookie, err := c.Cookie(s.cookieName(FlashCookie))
	if err != nil || c.Get(keyFlashShown) != nil {
		return views.Flash{}
	}
	c.Set(keyFlashShown, true)
	return s.unpackFlash(cookie.Value)
}

// unpackFlash reads what packFlash wrote; anything else is the zero Flash.
func (s *Env) unpackFlash(value string) (f views.Flash) {
	packed, ok := s.signer.read(FlashCookie, value, s.Desk.Now(), flashLife)
	if !ok || json.Unmarshal(packed, &f) != nil || (f.Tone != "ok" && f.Tone != "warn" && f.Tone != "danger") {
		return views.Flash{}
	}
	f.Text = truncate(f.Text, MaxFlash)
	return f
}

func (s *Env) packFlash(f views.Flash) string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and numbers
	}
	return s.signer.Sign(FlashCookie, b, s.Desk.Now().Add(flashLife))
}

// sendFlash sets or clears the cookie, just before the answer's header is written.
func (s *Env) sendFlash(c echo.Context) {
	cookie := &http.Cookie{Name: s.cookieName(FlashCookie), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
	if f, ok := c.Get(keyFlash).(views.Flash); ok {
		cookie.MaxAge = int(flashLife.Seconds())
		cookie.Value = s.packFlash(f)
	} else if c.Get(keyFlashShown) == nil {
		return
	}
	c.SetCookie(cookie)
}
