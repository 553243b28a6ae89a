package web

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// addresses finds where requests come from. X-Forwarded-For is read from the
// configured proxies alone, because anybody can send it.
type addresses struct {
	proxies []netip.Prefix

	mu   sync.Mutex
	told time.Time // when it was last logged that a proxy's header is of no use
}

// tellEvery is how often that is logged at most.
const tellEvery = time.Minute

func newAddresses(proxies []netip.Prefix) *addresses {
	a := &addresses{}
	for _, p := range proxies {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		a.proxies = append(a.proxies, p)
	}
	return a
}

// of returns the address of the client. With useless it is that of the proxy
// instead, which named none that can be read.
func (a *addresses) of(r *http.Request) (client netip.Addr, useless bool) {
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

func (a *addresses) isProxy(addr netip.Addr) bool {
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

// ClientIP returns where a request comes from, for what is counted by network. It
// logs if that is the address of a proxy, which all its clients then share.
func (s *Env) ClientIP(c echo.Context) netip.Addr {
	addr, useless := s.addresses.of(c.Request())
	if useless && s.addresses.tells() {
		s.Log.Warn("client address unknown", "proxy", c.Request().RemoteAddr, "x_forwarded_for", truncate(strings.Join(c.Request().Header.Values(echo.HeaderXForwardedFor), ", "), 200),
			"advice", "all clients of this proxy share the limits of one address: have it send X-Forwarded-For with the address of the client")
	}
	return addr
}

// tells returns whether it is time to log again.
func (a *addresses) tells() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if now.Sub(a.told) < tellEvery {
		return false
	}
	a.told = now
	return true
}
