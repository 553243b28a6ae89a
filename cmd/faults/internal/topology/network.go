package topology

import (
	"fmt"
	"net"
	"slices"
	"sync"
)

// network has the links between the machines. Each link is a listener that forwards connections, so that it
// can be cut.
type network struct {
	mu    sync.Mutex
	links []*link
}

// connect makes a link between two machines to the address of a program on the second one. It returns the
// address that the first machine uses.
func (n *network) connect(from, to, address string) (string, error) {
	l, err := newLink(from, to, address)
	if err != nil {
		return "", fmt.Errorf("link from %s to %s: %w", from, to, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links = append(n.links, l)
	return l.listener.Addr().String(), nil
}

// cut cuts all links of the machines: nothing arrives, in either direction, and nothing is reported. Links
// between these machines stay.
func (n *network) cut(machines ...string) { n.each(machines, (*link).cut) }

// heal undoes cut. Connections that were open continue, as after lost packets.
func (n *network) heal(machines ...string) { n.each(machines, (*link).heal) }

// each calls f for each link between one of the machines and another one.
func (n *network) each(machines []string, f func(*link)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.links {
		if slices.Contains(machines, l.from) != slices.Contains(machines, l.to) {
			f(l)
		}
	}
}

// close ends all links.
func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.links {
		l.close()
	}
}

// link forwards connections from one machine to a program on another one.
type link struct {
	from, to string
	target   string
	listener net.Listener

	mu    sync.Mutex
	open  chan struct{} // closed while the link works
	conns map[net.Conn]bool
}

// people is the machine of all users.
const people = "people"

func newLink(from, to, target string) (*link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{from: from, to: to, target: target, listener: listener, open: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(l.open)
	go l.accept()
	return l, nil
}

// accept forwards connections until the listener is closed.
func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		// The program limits the connections of an address, so the address of the client is kept.
		go l.forward(near, &net.TCPAddr{IP: near.RemoteAddr().(*net.TCPAddr).IP})
	}
}

// forward copies both directions of a connection until both have ended.
func (l *link) forward(near net.Conn, source net.Addr) {
	l.keep(near)
	defer l.drop(near)
	<-l.gate()
	far, err := (&net.Dialer{LocalAddr: source}).Dial("tcp", l.target)
	if err != nil {
		return
	}
	l.keep(far)
	defer l.drop(far)
	var directions sync.WaitGroup
	directions.Go(func() { l.copy(far, near) })
	directions.Go(func() { l.copy(near, far) })
	directions.Wait()
}

// copy forwards bytes while the link works, and then the end of the stream.
func (l *link) copy(to, from net.Conn) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		<-l.gate()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				_ = from.Close()
				return
			}
		}
		if err != nil {
			l.finish(to, err)
			return
		}
	}
}

// finish forwards the end of a stream: a close as a close, and a reset as a reset.
func (l *link) finish(to net.Conn, err error) {
	tcp := to.(*net.TCPConn)
	if isReset(err) {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
		return
	}
	_ = tcp.CloseWrite()
}

// gate returns a channel that is closed while the link works.
func (l *link) gate() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if isClosed(l.open) {
		l.open = make(chan struct{})
	}
}

func (l *link) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !isClosed(l.open) {
		close(l.open)
	}
}

// keep records an open connection, so that close can end it.
func (l *link) keep(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = true
}

// drop closes a connection.
func (l *link) drop(c net.Conn) {
	_ = c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// close ends the link and its connections.
func (l *link) close() {
	_ = l.listener.Close()
	l.heal()
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Close()
	}
}
