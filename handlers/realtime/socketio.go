package realtime

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
	"frontdesk/internal/live"
	"frontdesk/internal/socketio"
)

// Clients of the first system talk Socket.IO: they join the room of a ticket and exchange
// chat messages in it. The files socketio*.go give the events of package socketio their
// meaning. Unlike in the first system, a client authenticates when it connects.

const (
	socketIOGroup  = "Socket.IO"     // counts its connections apart from the sockets of pages
	clientsPerUser = 20              // connections of Socket.IO of one user on this replica
	roomsMost      = 20              // rooms of one connection
	eventTime      = 5 * time.Second // time limit for the database for one event
)

// roomServer serves the clients of Socket.IO.
type roomServer struct {
	*core
	*socketio.Server
}

// newRoomServer returns a server. It runs with its method Run.
func newRoomServer(c *core) *roomServer {
	s := &roomServer{core: c}
	s.Server = socketio.New(socketio.Options{
		CheckOrigin: s.allowsOrigin,
		Open:        s.openClient, Closed: func(client any) { client.(visitor).release() },
		Connect: s.connectClient, Event: s.receiveEvent, Disconnect: func(sock *socketio.Socket) { sock.Data.(*roomClient).leave() },
		Log: s.Log,
	})
	return s
}

// SocketIO answers the requests of Engine.IO: handshakes, polls and websockets.
func (s *Realtime) SocketIO(c echo.Context) error {
	v := visitor{addr: limit.Network(s.Addresses.IP(c)), hasHeader: c.Request().Header.Get(echo.HeaderAuthorization) != ""}
	v.shown, v.err = s.SignedTokens.OfRequest(c)
	r := c.Request()
	s.rooms.ServeHTTP(c.Response(), r.WithContext(context.WithValue(r.Context(), visitorKey{}, v)))
	return nil
}

// allowsOrigin reports whether a page may open a websocket of Socket.IO: one of the
// origins of CORS_ORIGIN, or of the desk itself. Programs send no origin.
func (s *roomServer) allowsOrigin(r *http.Request) bool {
	origin := r.Header.Get(echo.HeaderOrigin)
	return origin == "" || slices.Contains(s.Cfg.CORSOrigins, origin) || slices.Contains(s.Cfg.CORSOrigins, "*") || slices.Contains(s.origins(r), origin)
}

// visitorKey is the key of the [visitor] in the context of a request.
type visitorKey struct{}

// visitor is the client of a session before it has connected to the namespace.
type visitor struct {
	addr      string
	hasHeader bool               // the header Authorization is there
	shown     account.Credential // of that header
	err       error              // [fault.ErrCredentials] if the header has none that can be read
	release   func()             // ends the count of the session
}

// openClient counts a session of the network address.
func (s *roomServer) openClient(r *http.Request) (any, error) {
	v := r.Context().Value(visitorKey{}).(visitor)
	var err error
	if v.release, err = s.hub.Admit(live.Admission{Addr: v.addr, Group: socketIOGroup}); err != nil {
		return nil, &socketio.OpenError{Status: http.StatusTooManyRequests, Message: "Too many connections from your network.", RetryAfter: 10 * time.Second}
	}
	return v, nil
}

// clientAuth has the data that a client sends when it connects. PID and Offset are those of its last
// connection, with which it recovers its rooms.
type clientAuth struct {
	Token  string `json:"token"`
	PID    string `json:"pid"`
	Offset string `json:"offset"`
}

// The error messages for clients that may not connect. The client library does not try again.
var (
	errNoToken  = &socketio.ConnectError{Message: `Not authorized: connect with io(url, { auth: { token } }), where token is from POST /api/auth/login or a personal API token.`}
	errBadToken = &socketio.ConnectError{Message: "Not authorized: the token has ended or is not valid. Sign in again and connect with the new token."}
	errPassword = &socketio.ConnectError{Message: "Choose your own password on the website first."}
)

// connectClient lets a client in, and returns the pid of its connection. A client that
// comes back gets the rooms and the messages after its offset.
func (s *roomServer) connectClient(ctx context.Context, sock *socketio.Socket, data json.RawMessage) (pid string, err error) {
	ctx, cancel := context.WithTimeout(ctx, eventTime)
	defer cancel()
	var auth clientAuth
	if len(data) > 0 && json.Unmarshal(data, &auth) != nil {
		return "", errNoToken
	}
	shown, err := s.shownBy(sock, auth)
	if err != nil {
		return "", err
	}
	actor, err := s.Desk.Accounts.Tokens.Bearer(ctx, shown)
	switch {
	case errors.Is(err, fault.ErrCredentials):
		return "", errBadToken
	case err != nil:
		return "", err // the client tries again
	case actor.MustChangePassword:
		return "", errPassword
	}
	release, err := s.admitClient(ctx, actor)
	if err != nil {
		return "", err
	}
	c := &roomClient{sock: sock, actor: actor, shown: shown, release: release, rooms: map[int64]*room{}, rate: live.NewBucket(eventsPerSecond, eventsBurst)}
	sock.Data = c
	if pid, err = s.recoverRooms(ctx, c, auth); err != nil {
		c.leave()
	}
	return pid, err
}

// admitClient counts a connection of a user. Connections beyond clientsPerUser do not count
// as actions, because their clients try again every second.
func (s *roomServer) admitClient(ctx context.Context, actor account.Actor) (release func(), err error) {
	release, err = s.hub.Admit(live.Admission{User: actor.ID, Group: socketIOGroup, PerUser: clientsPerUser})
	if err != nil {
		return nil, err
	}
	if err := s.Desk.Requests.CountAction(ctx, actor); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// shownBy returns the credential of a client: its token, or that of the header
// Authorization of its handshake.
func (s *roomServer) shownBy(sock *socketio.Socket, auth clientAuth) (account.Credential, error) {
	v := sock.Client().(visitor)
	token := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(auth.Token), "Bearer "))
	switch {
	case token != "":
		shown, err := s.SignedTokens.Credential(token)
		if err != nil {
			return account.Credential{}, errBadToken
		}
		return shown, nil
	case !v.hasHeader:
		return account.Credential{}, errNoToken
	case v.err != nil:
		return account.Credential{}, errBadToken
	}
	return v.shown, nil
}

// pidLength is the length of the pid of a connection, which has no meaning by itself.
const pidLength = 26

// recoverRooms joins the rooms of a client's last connection and sends what it has missed. It
// returns the same pid then, and otherwise a new one. Rooms that the client may not enter
// any more are left out.
func (s *roomServer) recoverRooms(ctx context.Context, c *roomClient, auth clientAuth) (pid string, err error) {
	positions, ok := parseOffset(auth.Offset)
	if !ok || len(auth.PID) != pidLength {
		return rand.Text(), nil
	}
	for _, p := range positions {
		err := s.joinRoom(ctx, c, p.ticketID, p.seq)
		if errors.Is(err, fault.ErrNotFound) {
			c.sendError("join-room", p.ticketID, s.refused(&subscriber{actor: c.actor, ticketID: p.ticketID}, err, ""))
		} else if err != nil {
			return "", err
		}
	}
	return auth.PID, nil
}

// roomClient is a client that is connected.
type roomClient struct {
	sock    *socketio.Socket
	actor   account.Actor
	shown   account.Credential
	rate    *live.Bucket // of its events
	release func()       // ends the count of the connection

	mu    sync.Mutex
	rooms map[int64]*room // by ticket; nil when the client has left
}

// leave leaves all rooms.
func (c *roomClient) leave() {
	c.mu.Lock()
	rooms := c.rooms
	c.rooms = nil
	c.mu.Unlock()
	for _, r := range rooms {
		r.subscription.Leave()
	}
	c.release()
}

// subscriber returns the subscriber of a ticket with the rights of the client.
func (c *roomClient) subscriber(ticket desk.Ticket) *subscriber {
	return &subscriber{actor: c.actor, ticketID: ticket.ID, staff: desk.SeesInternal(c.actor, ticket), kind: roomSocket, credential: c.shown}
}
