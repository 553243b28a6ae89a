package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// maxLimit is the most entries of a page of a list. Without a limit the answer is the whole
// list, as clients of the first system expect.
const maxLimit = 1000

// readPageRange reads the parameters after and limit.
func readPageRange(c echo.Context) (listing.Range, error) {
	after, ok1 := web.Number(c.QueryParam("after"), 1<<62)
	limit, ok2 := web.Number(c.QueryParam("limit"), maxLimit)
	inv := &fault.Invalid{}
	if !ok1 {
		inv.Fields = append(inv.Fields, fault.FieldError{Field: "after", Message: "Take it from the Link of the page before, or leave it out."})
	}
	if !ok2 {
		inv.Fields = append(inv.Fields, fault.FieldError{Field: "limit", Message: fmt.Sprintf("Ask for 1 to %d, or leave it out for all.", maxLimit)})
	}
	if len(inv.Fields) > 0 {
		return listing.Range{}, inv
	}
	return listing.Range{After: after, Limit: int(limit)}, nil
}

// listed is an entry of a list as the API returns it, and its position (id or seq).
type listed struct {
	body     any
	position int64
}

// entrySource calls to with the entries of a part of a list.
type entrySource func(part listing.Range, to listing.Visitor[listed]) error

// PageBytes bounds the size of a page of a list. The entry that reaches it is the last one,
// also if the limit allows more.
const PageBytes = 1 << 20

// pageParams are the parameters that all pages of a list have. Lists read no others besides after.
var pageParams = append(queryNames(reflect.TypeFor[ticketquery.Filter]()), "limit")

// queryNames returns the names in the query tags of a struct.
func queryNames(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		if name := of.Field(i).Tag.Get("query"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// errPageFull is the error with which a full page ends an [entrySource].
var errPageFull = errors.New("the page is full")

// answerList answers with a page of a list and a link to the next one or, without a
// limit, with the whole list.
func (s *API) answerList(c echo.Context, want listing.Range, entries entrySource) error {
	if want.Limit == 0 {
		return s.streamList(c, want, entries)
	}
	page, n, next, last := []byte{'['}, 0, int64(0), int64(0)
	err := entries(listing.Range{After: want.After, Limit: want.Limit + 1}, listing.Visitor[listed]{Entry: func(e listed) error {
		if n == want.Limit || len(page) >= PageBytes {
			next = last
			return errPageFull
		}
		body, err := json.Marshal(e.body)
		if n > 0 {
			page = append(page, ',')
		}
		page = append(page, body...)
		n, last = n+1, e.position
		return err
	}})
	if err != nil && !errors.Is(err, errPageFull) {
		return err
	}
	if next != 0 {
		query := url.Values{"after": {strconv.FormatInt(next, 10)}}
		for _, name := range pageParams {
			if value := c.QueryParam(name); value != "" {
				query.Set(name, value)
			}
		}
		c.Response().Header().Set("Link", "<"+c.Request().URL.Path+"?"+query.Encode()+`>; rel="next"`)
	}
	page = append(page, ']')
	if len(page) > maxTagged {
		end, err := s.lists.Take(c.Request().Context(), limit.OfUser("lists", web.ActorOf(c).ID))
		if err != nil {
			return err
		}
		defer end()
	}
	return sendBytes(c, http.StatusOK, page)
}

// sendJSON writes a value as JSON with an entity tag of its bytes, or 304 if the
// client has them already.
func sendJSON(c echo.Context, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return sendBytes(c, status, body)
}

// sendBytes is [sendJSON] for a body that is JSON already.
func sendBytes(c echo.Context, status int, body []byte) error {
	h, r := c.Response().Header(), c.Request()
	if h.Get("ETag") == "" {
		sum := sha256.Sum256(body)
		h.Set("ETag", `W/"`+hex.EncodeToString(sum[:12])+`"`)
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && matches(r.Header.Get("If-None-Match"), strings.TrimPrefix(h.Get("ETag"), "W/")) {
		h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
		return c.NoContent(http.StatusNotModified)
	}
	return web.SendCoded(c, status, echo.MIMEApplicationJSON, body)
}

// ListTickets lists the actor's own tickets, or all tickets for staff, the newest first.
func (s *API) ListTickets(c echo.Context) error {
	want, err := readPageRange(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	var filter ticketquery.Filter
	web.BindValues(c.QueryParams(), "query", reflect.ValueOf(&filter).Elem())
	return s.answerList(c, want, func(part listing.Range, to listing.Visitor[listed]) error {
		return s.Desk.Lists.Each(ctx, actor, filter, part, listing.Visitor[ticketquery.FullTicket]{Batch: to.Batch,
			Entry: func(t ticketquery.FullTicket) error { return to.Entry(listed{web.NewJSONTicket(t, actor), t.ID}) }})
	})
}

// listEntries lists the entries of one kind of a ticket, the oldest first.
func (s *API) listEntries(c echo.Context, kind event.Kind, draw func(int64, desk.AuthoredEntry) any) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	want, err := readPageRange(c)
	if err != nil {
		return err
	}
	return s.answerList(c, want, func(part listing.Range, to listing.Visitor[listed]) error {
		return s.Desk.Comments.EachEntry(c.Request().Context(), web.ActorOf(c), id, kind, part, listing.Visitor[desk.AuthoredEntry]{Batch: to.Batch,
			Entry: func(e desk.AuthoredEntry) error { return to.Entry(listed{draw(id, e), e.Seq}) }})
	})
}
