package socketio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
)

// client is the Socket.IO part of a session: its namespaces, and a packet whose attachments have
// not all arrived. It is the receiver of the session, which calls it for one message at a time.
type client struct {
	opts    *Options
	session *session
	sockets []*Socket

	partial *packet  // waits for attachments
	parts   [][]byte // attachments
	size    int      // bytes of partial and parts
}

// newClient returns the receiver of a new session.
func newClient(o *Options, s *session) *client {
	c := &client{opts: o, session: s}
	c.await()
	return c
}

// receive implements receiver.
func (c *client) receive(f frame) error {
	if f.binary {
		return c.attach(f.data)
	}
	if c.partial != nil {
		return errPacket
	}
	p, err := decodePacket(f.data[1:])
	if err != nil {
		return err
	}
	if p.attachments > 0 {
		c.partial, c.size = p, len(f.data)
		c.session.expect(stepTime)
		return nil
	}
	return c.dispatch(p, nil)
}

// attach adds a binary message to the packet that waits for it.
func (c *client) attach(data []byte) error {
	c.size += len(data)
	if c.partial == nil || c.size > c.opts.MaxPayload {
		return errPacket
	}
	c.parts = append(c.parts, data)
	if len(c.parts) < c.partial.attachments {
		return nil
	}
	p, parts := c.partial, c.parts
	c.partial, c.parts = nil, nil
	c.await()
	return c.dispatch(p, parts)
}

// await ends the session after ConnectTimeout if it has no socket by then.
func (c *client) await() {
	if len(c.sockets) == 0 {
		c.session.expect(c.opts.ConnectTimeout)
	} else {
		c.session.expect(0)
	}
}

// dispatch handles a complete packet.
func (c *client) dispatch(p *packet, attachments [][]byte) error {
	i := slices.IndexFunc(c.sockets, func(s *Socket) bool { return s.namespace == p.namespace })
	if p.kind == packetConnect && i < 0 {
		c.connect(p)
		return nil
	}
	if i < 0 {
		return errPacket
	}
	switch s := c.sockets[i]; p.kind {
	case packetEvent, packetBinaryEvent:
		c.opts.Event(s.ctx, s, &Event{Name: p.name, Args: p.args, Attachments: attachments, socket: s, ack: p.ack})
	case packetAck, packetBinaryAck: // the server requests none
	case packetDisconnect:
		c.sockets = slices.Delete(c.sockets, i, i+1)
		c.await()
		c.disconnect(s)
	default:
		return errPacket
	}
	return nil
}

// connect lets the client into a namespace, or refuses it.
func (c *client) connect(p *packet) {
	if !c.opts.hasNamespace(p.namespace) {
		c.refuse(p.namespace, &ConnectError{Message: "Invalid namespace"})
		return
	}
	s := &Socket{session: c.session, namespace: p.namespace, id: rand.Text(), connecting: true}
	s.ctx, s.cancel = context.WithCancel(c.session.ctx)
	pid, err := c.opts.Connect(s.ctx, s, p.data)
	var refused *ConnectError
	switch {
	case err == nil:
		c.sockets = append(c.sockets, s)
		c.await()
		s.accept(pid)
	case errors.As(err, &refused):
		s.leave()
		c.refuse(p.namespace, refused)
	default:
		s.leave()
		c.session.close(reasonRetry)
	}
}

// refuse answers a client that may not connect to a namespace.
func (c *client) refuse(namespace string, why *ConnectError) {
	data, err := json.Marshal(why)
	if err != nil {
		c.opts.Log.Error("a connect error has no JSON", "error", err)
		data = []byte(`{"message":"Not authorized"}`)
	}
	c.session.send((&packet{kind: packetConnectError, namespace: namespace, data: data}).frame())
}

// disconnect ends a socket and calls Options.Disconnect.
func (c *client) disconnect(s *Socket) {
	s.leave()
	c.opts.Disconnect(s)
}

// closed implements receiver.
func (c *client) closed() {
	for _, s := range c.sockets {
		s.leave()
	}
	for _, s := range c.sockets {
		c.opts.Disconnect(s)
	}
	c.sockets, c.partial, c.parts = nil, nil, nil
}
