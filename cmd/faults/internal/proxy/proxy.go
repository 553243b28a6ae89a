// Package proxy forwards TCP connections to a desk, and cuts them.
package proxy

import (
	"io"
	"net"
	"sync"
)

// Proxy forwards connections to a target.
type Proxy struct {
	target   string
	listener net.Listener

	mu   sync.Mutex
	open map[*net.TCPConn]bool // both ends of each connection
}

// New starts a proxy on a free port, for a target such as "127.0.0.1:4000".
func New(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, listener: l, open: map[*net.TCPConn]bool{}}
	go p.accept()
	return p, nil
}

// Base returns the address of the proxy, such as http://127.0.0.1:4001.
func (p *Proxy) Base() string { return "http://" + p.listener.Addr().String() }

// Cut resets all open connections. New ones are forwarded.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.SetLinger(0) // so that the close is a reset
		_ = c.Close()
	}
	clear(p.open)
}

// Close ends the proxy and its connections.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.Cut()
}

// accept forwards connections until the listener is closed.
func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		// The desk limits the sockets of an address, so the address of the client is kept.
		from := &net.TCPAddr{IP: near.RemoteAddr().(*net.TCPAddr).IP}
		go p.forward(near.(*net.TCPConn), from)
	}
}

// forward connects to the target and copies both directions until one ends.
func (p *Proxy) forward(near *net.TCPConn, from *net.TCPAddr) {
	defer p.drop(near)
	p.keep(near)
	conn, err := (&net.Dialer{LocalAddr: from}).Dial("tcp", p.target)
	if err != nil {
		return
	}
	far := conn.(*net.TCPConn)
	defer p.drop(far)
	p.keep(far)
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]*net.TCPConn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

// keep records an open connection.
func (p *Proxy) keep(c *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
}

// drop closes a connection.
func (p *Proxy) drop(c *net.TCPConn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}
