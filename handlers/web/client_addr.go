package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// ClientAddresses finds the addresses of clients. X-Forwarded-For is read only from the
// configured proxies, because any client can send it.
type ClientAddresses struct {
	proxies []netip.Prefix
	log     *slog.Logger

	mu         sync.Mutex
	lastLogged time.Time // when an unusable header of a proxy was last logged
}

// logInterval is the least time between two such log entries.
const logInterval = time.Minute

// newClientAddresses returns addresses for the given proxies. IPv4 networks may be written as
// IPv6 (::ffff:192.0.2.0/120).
func newClientAddresses(proxies []netip.Prefix, log *slog.Logger) *ClientAddresses {
	a := &ClientAddresses{log: log}
	for _, p := range proxies {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		a.proxies = append(a.proxies, p)
	}
	return a
}

// of returns the address of the client. If useless is true, the proxy did not send an
// address that can be read, and the result is the address of the proxy.
func (a *ClientAddresses) of(r *http.Request) (client netip.Addr, useless bool) {
	peer, ok := readAddr(r.RemoteAddr)
	if !ok || !a.isProxy(peer) {
		return peer, !ok
	}
	hops := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
	client = peer
	for i := len(hops) - 1; i >= 0; i-- { // the last one was added by the nearest proxy
		hop := strings.TrimSpace(hops[i])
		if hop == "" {
			continue
		}
		addr, ok := readAddr(hop)
		if !ok {
			return peer, true
		}
		if client = addr; !a.isProxy(addr) {
			break
		}
	}
	return client, client == peer
}

// isFromProxy reports whether one of the configured proxies has sent a request.
func (a *ClientAddresses) isFromProxy(r *http.Request) bool {
	peer, ok := readAddr(r.RemoteAddr)
	return ok && a.isProxy(peer)
}

// isProxy reports whether addr is one of the configured proxies.
func (a *ClientAddresses) isProxy(addr netip.Addr) bool {
	for _, p := range a.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// readAddr reads an address with or without a port, as proxies write it: 192.0.2.1,
// 192.0.2.1:51234, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:51234.
func readAddr(text string) (netip.Addr, bool) {
	text = strings.Trim(text, `"`)
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		var port netip.AddrPort
		port, err = netip.ParseAddrPort(text)
		addr = port.Addr()
	}
	return addr.Unmap().WithZone(""), err == nil
}

// Text returns the address of the client of a request as text.
func (a *ClientAddresses) Text(r *http.Request) string {
	addr, _ := a.of(r)
	return addr.String()
}

// IP returns the address of the client, for limits by network. It logs a warning if only the
// address of a proxy is known, because all its clients then share one limit.
func (a *ClientAddresses) IP(c echo.Context) netip.Addr {
	addr, useless := a.of(c.Request())
	if useless && a.mayLog() {
		a.log.WarnContext(c.Request().Context(), "client address unknown", "proxy", c.Request().RemoteAddr, "x_forwarded_for", truncate(strings.Join(c.Request().Header.Values(echo.HeaderXForwardedFor), ", "), 200),
			"advice", "all clients of this proxy share the limits of one address: have it send X-Forwarded-For with the address of the client")
	}
	return addr
}

// mayLog reports whether the last log entry is at least [logInterval] old, and if so notes
// the new one.
func (a *ClientAddresses) mayLog() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if now.Sub(a.lastLogged) < logInterval {
		return false
	}
	a.lastLogged = now
	return true
}
