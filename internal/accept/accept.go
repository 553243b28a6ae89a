// Package accept reads the header fields Accept and Accept-Encoding
// (RFC 9110, 12.5). All answers choose their coding through it.
package accept

import (
	"strconv"
	"strings"
)

// Identity is the coding of bytes that are not compressed.
const Identity = "identity"

// unlisted is the weight of identity where Accept-Encoding neither lists it nor
// excludes it: it is acceptable, but anything listed is preferred.
const unlisted = 0.0001

// Coding returns the offered content coding that the values of Accept-Encoding
// prefer; among equals the first one, and any rather than Identity. It returns
// Identity where they accept none of the offers, also where they refuse
// identity: RFC 9110, 12.4.1 lets a server disregard a field that it cannot honour.
func Coding(values []string, offers ...string) string {
	best, most := Identity, 0.0
	if len(values) == 0 {
		return best
	}
	for _, offer := range offers {
		q, listed := weight(values, func(name string) bool { return sameCoding(name, offer) })
		if !listed {
			q, _ = weight(values, isAny)
		}
		if q > most {
			best, most = offer, q
		}
	}
	if most < identityWeight(values) {
		return Identity
	}
	return best
}

// TakesIdentity reports whether the values of Accept-Encoding accept bytes that
// are not compressed.
func TakesIdentity(values []string) bool { return identityWeight(values) > 0 }

func identityWeight(values []string) float64 {
	q, listed := weight(values, func(name string) bool { return strings.EqualFold(name, Identity) })
	if !listed {
		q, listed = weight(values, isAny)
	}
	if !listed {
		return unlisted
	}
	return q
}

func isAny(name string) bool { return name == "*" }

// sameCoding compares a listed coding with an offer. x-gzip means gzip (RFC 9110, 8.4.1.3).
func sameCoding(name, offer string) bool {
	return strings.EqualFold(name, offer) || offer == "gzip" && strings.EqualFold(name, "x-gzip")
}

// MediaType returns the weight that the values of Accept give to a media type
// such as "text/html": that of its most specific media range. named reports
// whether the type itself is listed. Without values, any type has the weight 1.
func MediaType(values []string, mediaType string) (q float64, named bool) {
	if len(values) == 0 {
		return 1, false
	}
	if q, named = weight(values, func(name string) bool { return strings.EqualFold(name, mediaType) }); named {
		return q, true
	}
	family, _, _ := strings.Cut(mediaType, "/")
	for _, list := range []string{family + "/*", "*/*"} {
		if q, listed := weight(values, func(name string) bool { return strings.EqualFold(name, list) }); listed {
			return q, false
		}
	}
	return 0, false
}

// weight returns the quality value (RFC 9110, 12.4.2) of the first item whose
// name is wanted, and whether there is one. Without a quality value it is 1; one
// that is malformed counts as 0.
func weight(values []string, wanted func(name string) bool) (q float64, listed bool) {
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			name, params, _ := strings.Cut(item, ";")
			if wanted(strings.TrimSpace(name)) {
				return quality(params), true
			}
		}
	}
	return 0, false
}

// quality reads the parameter q of an item.
func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, text, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		text = strings.TrimSpace(text)
		q, err := strconv.ParseFloat(text, 64) // which also reads NaN, exponents and hexadecimal numbers
		if err != nil || q > 1 || strings.Trim(text, "0123456789.") != "" {
			return 0
		}
		return q
	}
	return 1
}
