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

// readPageRange reads the parameters after, a number, and limit.
func readPageRange(c echo.Context) (listing.Range, error) {
	after, ok := web.Number(c.QueryParam("after"), 1<<62)
	limit, err := readLimit(c)
	if ok {
		return listing.Range{After: after, Limit: limit}, err
	}
	inv := &fault.Invalid{Fields: []fault.FieldError{{Field: "after", Message: listing.WrongAfter}}}
	if other := new(fault.Invalid); errors.As(err, &other) {
		inv.Fields = append(inv.Fields, other.Fields...)
	}
	return listing.Range{}, inv
}

// readLimit reads the parameter limit. It returns 0 for the whole list.
func readLimit(c echo.Context) (int, error) {
	limit, ok := web.Number(c.QueryParam("limit"), maxLimit)
	if !ok {
		return 0, fault.NewInvalid("limit", fmt.Sprintf("Ask for 1 to %d, or leave it out for all.", maxLimit))
	}
	return int(limit), nil
}

// listed is an entry of a list as the API returns it.
type listed struct {
	body  any
	after string // the value of the parameter after with which the list begins after this entry
}

// entrySource calls to with the entries of a list: at most limit of them, or all for 0.
type entrySource func(limit int, to listing.Visitor[listed]) error

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

// answerList answers with a page of at most most entries and a link to the next one or, if
// most is 0, with the whole list.
func (s *core) answerList(c echo.Context, most int, entries entrySource) error {
	if most == 0 {
		return s.streamList(c, entries)
	}
	page, n, next, last := []byte{'['}, 0, "", ""
	err := entries(most+1, listing.Visitor[listed]{Entry: func(e listed) error {
		if n == most || len(page) >= PageBytes {
			next = last
			return errPageFull
		}
		body, err := json.Marshal(e.body)
		if n > 0 {
			page = append(page, ',')
		}
		page = append(page, body...)
		n, last = n+1, e.after
		return err
	}})
	if err != nil && !errors.Is(err, errPageFull) {
		return err
	}
	if next != "" {
		query := url.Values{"after": {next}}
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

// List lists the tickets that the actor may read, in the order of the parameter sort or with the
// highest number first.
func (s *Tickets) List(c echo.Context) error {
	limit, err := readLimit(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	filter := ticketquery.Filter{After: c.QueryParam("after")}
	web.BindValues(c.QueryParams(), "query", reflect.ValueOf(&filter).Elem())
	return s.answerList(c, limit, func(limit int, to listing.Visitor[listed]) error {
		return s.Desk.Lists.Each(ctx, actor, filter, limit, listing.Visitor[ticketquery.FeedTicket]{Batch: to.Batch,
			Entry: func(t ticketquery.FeedTicket) error {
				return to.Entry(listed{web.NewJSONTicket(t.FullTicket, actor), t.After})
			}})
	})
}

// listEntries lists the entries of one kind of a ticket, the oldest first.
func (s *core) listEntries(c echo.Context, kind event.Kind, draw func(int64, desk.AuthoredEntry) any) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	want, err := readPageRange(c)
	if err != nil {
		return err
	}
	return s.answerList(c, want.Limit, func(limit int, to listing.Visitor[listed]) error {
		part := listing.Range{After: want.After, Limit: limit}
		return s.Desk.Comments.EachEntry(c.Request().Context(), web.ActorOf(c), id, kind, part, listing.Visitor[desk.AuthoredEntry]{Batch: to.Batch,
			Entry: func(e desk.AuthoredEntry) error {
				return to.Entry(listed{draw(id, e), strconv.FormatInt(e.Seq, 10)})
			}})
	})
}
