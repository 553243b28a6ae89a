package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"frontdesk/internal/input"
)

// checkAddresses returns an error for an address in the settings that cannot work. It
// rewrites PublicURL and CORSOrigin to the form in which browsers send origins.
func (c *Config) checkAddresses() error {
	for name, value := range map[string]string{"PUBLIC_URL": c.PublicURL, "HELP_URL": c.HelpURL, "POSTGRES_REPOSITORY": c.PostgresRepository} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
			return fmt.Errorf("%s must be an address such as https://help.example.org", name)
		}
	}
	if u, err := url.Parse(c.PublicURL); err == nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
		return fmt.Errorf("PUBLIC_URL has more than a scheme, a host and a port: the desk needs a host name of its own, such as https://help.example.org, and does not work below a path")
	}
	if u, err := url.Parse(c.PublicURL); err == nil && c.PublicURL != "" {
		if c.PublicURL, err = origin(u); err != nil {
			return fmt.Errorf("PUBLIC_URL cannot be the address of a desk: %w", err)
		}
	}
	origins, err := readOrigins(c.CORSOrigin)
	c.CORSOrigin = origins
	return err
}

// readOrigins returns the origins in texts as browsers write them (RFC 6454, 6.1). It
// skips empty texts and returns an error for a text that is not an origin.
func readOrigins(texts []string) ([]string, error) {
	var origins []string
	for _, text := range texts {
		text = unquoted(text)
		u, err := url.Parse(text)
		switch {
		case text == "":
		case text == "*":
			origins = append(origins, text)
		case err != nil || u.Scheme == "" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			return nil, fmt.Errorf("CORS_ORIGIN: %q is not an origin such as https://app.example.org", text)
		default:
			known, err := origin(u)
			if err != nil {
				return nil, fmt.Errorf("CORS_ORIGIN: %q is not an origin such as https://app.example.org: %w", text, err)
			}
			origins = append(origins, known)
		}
	}
	return origins, nil
}

// origin returns scheme, host and port as browsers write them in the field Origin (RFC
// 6454, 6.1; URL Standard, host serializing): without the port that the scheme implies,
// names in ASCII, and no dot at the end. It returns an error for an invalid host or port.
func origin(u *url.URL) (string, error) {
	scheme := strings.ToLower(u.Scheme)
	host, err := originHost(u.Hostname())
	if err != nil {
		return "", err
	}
	if u.Port() == "" {
		return scheme + "://" + host, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return "", fmt.Errorf("its port %s is not between 1 and 65535", u.Port())
	}
	if scheme == "http" && port == 80 || scheme == "https" && port == 443 {
		return scheme + "://" + host, nil
	}
	return fmt.Sprintf("%s://%s:%d", scheme, host, port), nil
}

// originHost returns the host of an origin: a name in ASCII, or an IP address, in
// brackets for IPv6.
func originHost(name string) (string, error) {
	if addr, err := netip.ParseAddr(name); err == nil && addr.Zone() == "" {
		if addr.Is6() {
			return "[" + addr.String() + "]", nil
		}
		return addr.String(), nil
	}
	host, err := hostProfile.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || host == "" || strings.ContainsAny(host, "*%:") {
		return "", fmt.Errorf("%q is not the name of a host", name)
	}
	return host, nil
}

// hostProfile converts host names as browsers do (UTS 46, non-transitional).
var hostProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(false), idna.VerifyDNSLength(true))

// proxies returns the networks of TRUSTED_PROXIES. A single address is a network
// of one.
func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range c.TrustedProxies {
		text = unquoted(text)
		if text == "" {
			continue
		}
		p, err := netip.ParsePrefix(text)
		if addr, alone := netip.ParseAddr(text); alone == nil {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("TRUSTED_PROXIES: %q is not a network such as 10.0.0.0/8", text)
		}
		out = append(out, p)
	}
	return out, nil
}

// maxDeskName is the length limit of DESK_NAME in characters. The name is in the title
// and the top bar of every page.
const maxDeskName = 60

// checkDeskName returns an error if DESK_NAME is too long, contains characters without
// a visible form, or shows nothing.
func (c *Config) checkDeskName() error {
	name := c.DeskName
	switch {
	case strings.ContainsFunc(name, cannotShow):
		return errors.New("DESK_NAME has characters that cannot be shown: type it anew")
	case utf8.RuneCountInString(name) > maxDeskName:
		return fmt.Errorf("DESK_NAME has more than %d characters: choose a shorter one", maxDeskName)
	case !strings.ContainsFunc(name, isReadable):
		return errors.New("DESK_NAME shows nothing: choose a name, or leave it unset")
	}
	return nil
}

// isReadable reports whether r is a visible letter, number or symbol.
func isReadable(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r)) && !input.IsBlank(string(r))
}

// cannotShow reports whether r has no visible form: a control or format character, or
// the replacement character for invalid UTF-8. The joiners U+200C and U+200D are allowed,
// because words and emoji contain them.
func cannotShow(r rune) bool {
	return r == utf8.RuneError || !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d'
}
