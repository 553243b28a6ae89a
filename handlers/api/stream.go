package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/limit"
)

// listTime is how long a client may take over one batch of a whole list.
const listTime = time.Minute

// streamList writes a JSON array as it is read, in memory that does not grow with
// it. Nothing is sent before the first batch is read, so that what fails before
// it has a status; what fails later cuts the answer off, and no client takes half
// of an array for the whole. It takes one of the user's slots for lists.
func (s *API) streamList(c echo.Context, entries walk) error {
	end, err := s.lists.Take(c.Request().Context(), limit.OfUser("lists", web.ActorOf(c).ID))
	if err != nil {
		return err
	}
	defer end()
	out := &listWriter{c: c}
	defer out.free()
	control := http.NewResponseController(c.Response())
	began := time.Now()
	may := s.WhileSignedIn(c)
	add := func(entry any, _ int64) error {
		if err := may(); err != nil {
			return err
		}
		return out.add(entry)
	}
	err = entries(0, add, func() error {
		s.giveWay(c.Request().Context(), time.Since(began))
		began = time.Now()
		_ = control.SetWriteDeadline(began.Add(listTime)) // a test's recorder has none
		return nil
	})
	if err != nil {
		if c.Response().Committed {
			s.HandleError(err, c)
			panic(http.ErrAbortHandler)
		}
		c.Response().Header().Del(echo.HeaderContentEncoding)
		return err
	}
	return out.end()
}

// maxTagged is how long a list may be, in bytes, that is sent in one piece with a
// tag of them. A longer one has none: the tag goes ahead of what it is made from.
// No count or latest time stands for a list in every case; names change in it, too.
const maxTagged = 64 << 10

// listWriter writes an array of JSON: what is short in one piece, the rest as it comes.
type listWriter struct {
	c     echo.Context
	short bytes.Buffer  // until it is longer than maxTagged
	w     *bufio.Writer // from then on
	z     *gzip.Writer  // under w, for those who take it
	any   bool
}

func (l *listWriter) add(entry any) error {
	body, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	var to io.Writer = &l.short
	if l.w != nil {
		to = l.w
	}
	sep := ","
	if !l.any {
		sep, l.any = "[", true
	}
	_, _ = io.WriteString(to, sep) // a writer keeps its first error for the next call
	if _, err = to.Write(body); err == nil && l.w == nil && l.short.Len() > maxTagged {
		err = l.begin()
	}
	return err
}

// begin sends what there is, and has the rest follow.
func (l *listWriter) begin() error {
	var to io.Writer = l.c.Response()
	h := l.c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	h.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	if web.TakesGzip(l.c.Request(), l.short.Len()) {
		l.z = web.Gzips.Get().(*gzip.Writer)
		l.z.Reset(to)
		h.Set(echo.HeaderContentEncoding, web.GzipCoding)
		to = l.z
	}
	l.w = bufio.NewWriterSize(to, 32<<10)
	_, err := l.w.Write(l.short.Bytes())
	l.short = bytes.Buffer{}
	return err
}

func (l *listWriter) end() error {
	last := "]\n"
	if !l.any {
		last = "[]\n"
	}
	if l.w == nil {
		l.short.WriteString(last)
		return sendBytes(l.c, http.StatusOK, l.short.Bytes())
	}
	_, _ = l.w.WriteString(last)
	if err := l.w.Flush(); err != nil || l.z == nil {
		return err
	}
	return l.z.Close()
}

func (l *listWriter) free() {
	if l.z != nil {
		web.Gzips.Put(l.z)
	}
}

// mostWay bounds how long a whole list gives way between two batches.
const mostWay = 20 * time.Millisecond

// giveWay has somebody who reads a whole list wait as long as their last batch
// took, where others are being answered: a list that takes all it can get has
// half the machine, and doubles the time of everybody else.
func (s *API) giveWay(ctx context.Context, took time.Duration) {
	if s.UnderWay.Load() < 2 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(min(took, mostWay)):
	}
}
