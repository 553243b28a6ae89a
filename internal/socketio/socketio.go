// Package socketio is a server of Engine.IO 4 and Socket.IO 5, the protocols of the
// JavaScript library socket.io-client 3 and 4. It knows nothing of tickets.
//
// Engine.IO moves texts and binary messages between a client and the server. A client
// begins with HTTP long polling (polling.go) or with a WebSocket (websocket.go), and can
// change from the first to the second (upgrade.go). A [session] is one such connection,
// with a queue of packets for the client; engine.go finds it for a request, and sweep.go
// sends pings and ends what has expired. Socket.IO (packet.go, client.go) divides a
// session into namespaces. A [Socket] is a client in one namespace (socket.go); it
// exchanges events, which are a name and arguments in JSON, and may be acknowledged.
//
//	server := socketio.New(socketio.Options{
//		Connect: func(ctx context.Context, s *socketio.Socket, auth json.RawMessage) (pid string, err error) {
//			user, err := authenticate(ctx, auth)
//			if errors.Is(err, errToken) {
//				return "", &socketio.ConnectError{Message: "Not authorized"} // the client gives up
//			}
//			s.Data = user
//			return "", err // the client retries if the database is away
//		},
//		Event: func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
//			m, err := socketio.NewMessage("message", e.Args[0])
//			for _, other := range room {
//				other.Send(m) // encoded once
//			}
//			e.Ack("stored")
//		},
//		Disconnect: func(s *socketio.Socket) { … },
//	})
//	go server.Run(ctx)
//	e.Any("/socket.io", echo.WrapHandler(server)) // without middleware for sessions and compression
//	…
//	server.Shutdown(ctx)
//
// Sources: https://github.com/socketio/engine.io-protocol and
// https://github.com/socketio/socket.io-protocol. Where they are silent, the server does
// as engine.io 6.6 and socket.io 4.8 do.
package socketio

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Limits of a session. They are not options, because clients cannot learn them.
const (
	maxQueue       = 256              // packets for a client
	maxQueueBytes  = 1 << 20          // bytes of packets for a client
	maxAttachments = 10               // of one packet from a client
	maxNamespace   = 256              // length of a namespace's name in bytes
	stepTime       = 10 * time.Second // time for an upgrade, for the attachments of a packet, and for the last poll of a closed session
	writeTime      = 10 * time.Second // time limit of writing one packet
	handshakeTime  = 5 * time.Second  // time limit of writing the answer to a WebSocket handshake
)

// Options configure a [Server]. Its functions can be called concurrently, but those that
// have a socket are called one at a time for the sockets of a session. They must return in
// less than PingTimeout, because they delay the session's other packets.
type Options struct {
	// PingInterval is the time between two pings, and PingTimeout is how long the server
	// waits for the answer before it ends the session. Defaults: 25 and 20 seconds.
	PingInterval, PingTimeout time.Duration
	// MaxPayload is the maximum size in bytes of a request body, of a WebSocket message, and
	// of a packet with its attachments from a client. Default: 64 KiB.
	MaxPayload int
	// ConnectTimeout is how long a session without a socket is kept. Default: 10 seconds.
	ConnectTimeout time.Duration
	// Namespaces are the names of the namespaces besides "/".
	Namespaces []string

	// CheckOrigin reports whether the origin of a WebSocket handshake is allowed. The other
	// requests are protected by CORS, which is left to the caller. Required.
	CheckOrigin func(*http.Request) bool
	// Open is called before a new session, and returns a value for [Socket.Client], such as
	// the network address and the credentials of the request. It can limit the number of
	// sessions: an [OpenError] refuses the session, another error is answered with 503.
	// Optional.
	Open func(*http.Request) (client any, err error)
	// Closed is called once when a session for which Open returned no error has ended, possibly
	// while a packet is still being handled. Optional.
	Closed func(client any)

	// Connect is called when a client connects to a namespace, with its credentials: a JSON
	// object, or nil. A [ConnectError] refuses it, and the client does not try again by
	// itself. Any other error closes the session without a reason, and the client tries again
	// later. A pid other than "" asks the client to send it, and the last argument of the last
	// event if that was a string, as "pid" and "offset" of its credentials when it comes back.
	// If the answer has the same pid again, the client considers its state recovered. Events
	// that are sent to the socket before Connect returns follow the answer. Required.
	Connect func(ctx context.Context, s *Socket, auth json.RawMessage) (pid string, err error)
	// Event is called for each event from a client. The context ends with the socket. Required.
	Event func(ctx context.Context, s *Socket, e *Event)
	// Disconnect is called once for each socket for which Connect returned no error, after its
	// last event. Optional.
	Disconnect func(s *Socket)

	Log *slog.Logger // required
}

// withDefaults returns the options with defaults for what is zero.
func (o Options) withDefaults() Options {
	o.PingInterval = cmp.Or(o.PingInterval, 25*time.Second)
	o.PingTimeout = cmp.Or(o.PingTimeout, 20*time.Second)
	o.MaxPayload = cmp.Or(o.MaxPayload, 64<<10)
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, 10*time.Second)
	o.Namespaces = append([]string{"/"}, o.Namespaces...)
	if o.Open == nil {
		o.Open = func(*http.Request) (any, error) { return nil, nil }
	}
	if o.Closed == nil {
		o.Closed = func(any) {}
	}
	if o.Disconnect == nil {
		o.Disconnect = func(*Socket) {}
	}
	return o
}

// OpenError is an error of Options.Open that refuses a session.
type OpenError struct {
	Status     int           // HTTP status; 403 if it is 0
	Message    string        // for the client; "Forbidden" if it is empty
	RetryAfter time.Duration // for the header Retry-After, in whole seconds; none if it is 0
}

// Error implements error.
func (e *OpenError) Error() string { return cmp.Or(e.Message, "Forbidden") }

// ConnectError is an error of Options.Connect that refuses a client.
type ConnectError struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"` // for the client, as JSON
}

// Error implements error.
func (e *ConnectError) Error() string { return e.Message }

// Server serves the sessions of this process. It is an [http.Handler] for the path
// /socket.io/. It extends the ReadTimeout and WriteTimeout of the [http.Server] for
// requests that wait for packets.
type Server struct {
	engine *engine
}

// New returns a server. It sends no pings until [Server.Run] is called.
func New(o Options) *Server {
	o = o.withDefaults()
	return &Server{newEngine(o, func(s *session) receiver { return newClient(&o, s) })}
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Run sends pings and ends expired sessions until ctx ends.
func (s *Server) Run(ctx context.Context) { s.engine.run(ctx) }

// Shutdown closes all sessions and accepts no new ones. Clients reconnect, possibly to
// another replica. It returns when Disconnect was called for every socket, or the error of
// ctx.
func (s *Server) Shutdown(ctx context.Context) error { return s.engine.shutdown(ctx) }

// Sessions returns the number of sessions.
func (s *Server) Sessions() int { return s.engine.count() }

// hasNamespace reports whether clients can connect to a namespace.
func (o *Options) hasNamespace(name string) bool { return slices.Contains(o.Namespaces, name) }
