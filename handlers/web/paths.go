package web

import (
	"strconv"

	"github.com/labstack/echo/v4"
)

// Place reads a place in the log from the query; what is none is 0.
func Place(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func TicketURL(id int64) string { return "/tickets/" + strconv.FormatInt(id, 10) }
