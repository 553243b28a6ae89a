package web

import (
	"strconv"

	"github.com/labstack/echo/v4"
)

// SeqParam returns a parameter of the query that is a sequence number or an id, or 0 if it
// is missing or not one.
func SeqParam(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// TicketURL returns the path of a ticket's page.
func TicketURL(id int64) string { return "/tickets/" + strconv.FormatInt(id, 10) }
