package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/accept"
	"frontdesk/internal/limit"
	"frontdesk/internal/listing"
)

// listTime is how long a client may take over one batch of a whole list.
const listTime = time.Minute

// streamList writes a JSON array while it is read, with constant memory. Nothing is sent
// before the first batch is read, so that an earlier error has a status. A later error
// breaks the connection off, so that no client takes a part of the list for the whole. It
// takes one of the user's slots for lists.
func (s *core) streamList(c echo.Context, entries entrySource) error {
	end, err := s.lists.Take(c.Request().Context(), limit.OfUser("lists", web.ActorOf(c).ID))
	if err != nil {
		return err
	}
	defer end()
	out := &listWriter{c: c}
	defer out.free()
	control := http.NewResponseController(c.Response())
	began := time.Now()
	may := s.Rights.WhileSignedIn(c)
	add := func(e listed) error {
		if err := may(); err != nil {
			return err
		}
		return out.add(e.body)
	}
	err = entries(0, listing.Visitor[listed]{Entry: add, Batch: func() error {
		s.pauseForOthers(c.Request().Context(), time.Since(began))
		began = time.Now()
		_ = control.SetWriteDeadline(began.Add(listTime)) // a test's recorder has none
		return nil
	}})
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

// maxTagged is the most bytes of a list that is sent with an ETag, which is a hash of the
// bytes. A longer list is not kept in memory, so its hash is not known when the header is
// sent. A count or the latest time is not enough: a renamed user changes the list but neither
// of them.
const maxTagged = 64 << 10

// streamBlock is how many bytes of a list are compressed and sent at once. A stateless
// writer of gzip compresses blocks of at most 32,767 bytes.
const streamBlock = 32_000

// listWriter writes a JSON array: a short one at once, a longer one as its entries arrive.
type listWriter struct {
	c     echo.Context
	short bytes.Buffer  // until it is longer than maxTagged
	w     *bufio.Writer // from then on
	z     *web.Coder    // under w, if the list is compressed
	any   bool          // whether an entry was added
}

// add adds an entry.
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

// begin sends what is in memory. Entries that follow are sent as they are added.
func (l *listWriter) begin() error {
	var to io.Writer = l.c.Response()
	h := l.c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	h.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	if coding := web.CodingFor(l.c.Request(), l.short.Len()); coding != accept.Identity {
		l.z = web.NewCoder(coding, to)
		h.Set(echo.HeaderContentEncoding, coding)
		to = l.z
	}
	l.w = bufio.NewWriterSize(to, streamBlock)
	_, err := l.w.Write(l.short.Bytes())
	l.short = bytes.Buffer{}
	return err
}

// end sends the end of the array.
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

// free releases the coder.
func (l *listWriter) free() {
	if l.z != nil {
		l.z.Free()
	}
}

// maxPause bounds the pause of a whole list between two batches.
const maxPause = 20 * time.Millisecond

// pauseForOthers waits as long as the last batch took, if other requests are being answered.
// Without a pause, whole lists would use half of the machine and double the time of other
// requests.
func (s *core) pauseForOthers(ctx context.Context, took time.Duration) {
	if s.RequestLog.UnderWay() < 2 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(min(took, maxPause)):
	}
}
