// Package mail builds messages and sends them by SMTP. It knows bytes, headers and hosts, but not
// tickets.
package mail

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Security is how the connection to a server is encrypted.
type Security string

// The ways to encrypt a connection. There is none that falls back to plain text.
const (
	StartTLS Security = "starttls" // the server must offer STARTTLS
	TLS      Security = "tls"      // from the first byte, usually on port 465
	NoTLS    Security = "none"
)

// Server is an SMTP server that accepts mail for other hosts, with the account to use.
type Server struct {
	Host     string
	Port     int
	Security Security
	User     string // "" to send without AUTH
	Password string
	Roots    *x509.CertPool `json:"-"` // nil for those of the system
}

// hide replaces the password in text: as AUTH sends it, and as it is unless it may be a word of the text.
func (s Server) hide(text string) string {
	if s.Password == "" {
		return text
	}
	for _, secret := range []string{"\x00" + s.User + "\x00" + s.Password, s.Password} {
		text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte(secret)), "••••")
	}
	if len(s.Password) >= 8 {
		text = strings.ReplaceAll(text, s.Password, "••••")
	}
	return text
}

// Addr returns host and port.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// ParseServer reads an address such as smtp://user:password@mail.example.org:587 (STARTTLS),
// smtps://… (TLS, port 465), or smtp://127.0.0.1:25?tls=none. STARTTLS is the default, except for
// a server on the same machine. Its errors do not contain the password.
func ParseServer(address string) (Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" {
		return Server{}, errors.New("not an address such as smtp://user:password@mail.example.org:587; characters such as @ and / in the password must be written as %40 and %2F")
	}
	s := Server{Host: u.Hostname(), User: u.User.Username()}
	s.Password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		s.Port, s.Security = 587, StartTLS
		if isLoopback(s.Host) {
			s.Port, s.Security = 25, NoTLS
		}
	case "smtps":
		s.Port, s.Security = 465, TLS
	default:
		return Server{}, errors.New("the address must begin with smtp:// or smtps://")
	}
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port < 1 || s.Port > 65535 {
			return Server{}, errors.New("the port must be a number from 1 to 65535")
		}
	}
	for name, values := range u.Query() {
		if name != "tls" || len(values) != 1 || u.Scheme == "smtps" {
			return Server{}, fmt.Errorf("the parameter %q is not known: only tls=starttls and tls=none, after smtp://", name)
		}
		s.Security = Security(values[0])
	}
	return s, s.Check()
}

// Check returns an error if the server cannot be used, or if a password would be sent in plain text
// to another machine.
func (s Server) Check() error {
	switch {
	case !isHost(s.Host):
		return errors.New("the host must be a name such as mail.example.org or an IP address, without a port")
	case s.Port < 1 || s.Port > 65535:
		return errors.New("the port must be a number from 1 to 65535")
	case s.Security != StartTLS && s.Security != TLS && s.Security != NoTLS:
		return errors.New("tls must be starttls or none")
	case s.User != "" && s.Password == "":
		return errors.New("the password of the user is missing")
	case s.Security == NoTLS && s.User != "" && !isLoopback(s.Host):
		return errors.New("a password must not be sent without TLS to another machine: use TLS or STARTTLS (without tls=none in SMTP_URL)")
	}
	return nil
}

// isHost reports whether a text is an IP address or looks like a name of DNS.
func isHost(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	other := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '.' && r != '_'
	}
	return strings.Trim(text, ".-_") != "" && !strings.ContainsFunc(text, other)
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}

// Address is a mailbox with the name that is shown for it.
type Address struct {
	Name string
	Addr string // local@domain
}

// maxAddress is the maximum length of a configured address with its name, in bytes. net/mail takes
// quadratic time for long ones.
const maxAddress = 500

// ParseAddress reads an address such as "Example Help <help@example.org>". The domain of the result
// is in ASCII.
func ParseAddress(text string) (Address, error) {
	if len(text) > maxAddress {
		return Address{}, fmt.Errorf("the address is longer than %d bytes", maxAddress)
	}
	a, err := mail.ParseAddress(text)
	if err != nil {
		return Address{}, errors.New(`not an address such as help@example.org or "Example Help <help@example.org>"`)
	}
	addr, err := Carriable(a.Address)
	if err != nil {
		return Address{}, err
	}
	return Address{OneLine(a.Name), addr}, nil
}

// domains converts the domains of addresses to ASCII.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true))

// Carriable returns an address as SMTP carries it, with its domain in ASCII (RFC 5890). It returns
// an error that says why SMTP cannot carry it (RFC 5321, 4.5.3.1).
func Carriable(addr string) (string, error) {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || len(addr) > maxAddress {
		return "", errors.New("it is not an e-mail address")
	}
	local, domain := addr[:at], addr[at+1:]
	ascii, err := domains.ToASCII(domain)
	if err != nil || strings.ContainsAny(ascii, " []:") {
		return "", errors.New("its domain cannot exist")
	}
	if len(local) > 64 {
		return "", errors.New("the part before the @ is longer than 64 bytes")
	}
	parsed, err := mail.ParseAddress("<" + local + "@" + ascii + ">")
	if err != nil || parsed.Address != local+"@"+ascii {
		return "", errors.New("mail servers do not accept its spelling")
	}
	return local + "@" + ascii, nil
}

// Domain returns the part of an address after the @.
func (a Address) Domain() string { return a.Addr[strings.LastIndexByte(a.Addr, '@')+1:] }
