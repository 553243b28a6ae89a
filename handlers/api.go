package handlers

import "github.com/labstack/echo/v4"

// apiRoute is one endpoint, and what its document says of it.
type apiRoute struct {
	method, path string
	access       access
	handle       echo.HandlerFunc
	doc          endpoint
}
