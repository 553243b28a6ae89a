package blob

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Address is the location and the key of a bucket.
type Address struct {
	Host        string // with a port, if it is not the usual one
	Bucket      string
	Region      string
	Key, Secret string
	PlainHTTP   bool // without TLS
}

// Scheme begins the URL of a bucket.
const Scheme = "s3://"

// defaultRegion is the region that most servers other than Amazon's have.
const defaultRegion = "us-east-1"

// ParseAddress reads s3://KEY:SECRET@HOST[:PORT]/BUCKET[?region=REGION][&tls=off]. Key and
// secret are percent-encoded (RFC 3986), and may both be missing. Errors are without them.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, errors.New("it is not a URL: encode the characters / + : @ # ? and % of the key and the secret as %2F %2B %3A %40 %23 %3F %25")
	}
	secret, _ := u.User.Password()
	a := Address{Host: u.Host, Bucket: strings.Trim(u.Path, "/"), Region: defaultRegion, Key: u.User.Username(), Secret: secret}
	switch {
	case u.Scheme+"://" != Scheme:
		return Address{}, errors.New("it does not begin with s3://")
	case a.Host == "":
		return Address{}, errors.New("it names no host")
	case a.Bucket == "":
		return Address{}, errors.New("it names no bucket: add /BUCKET behind the host")
	case strings.Contains(a.Bucket, "/"):
		return Address{}, errors.New("it has a path below the bucket: use a bucket of its own for each desk")
	case (a.Key == "") != (a.Secret == ""):
		return Address{}, errors.New("it has a key without a secret, or a secret without a key")
	}
	return a, a.options(u)
}

// options reads the query of the URL.
func (a *Address) options(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Fragment != "" {
		return errors.New("what follows the bucket cannot be read: use ?region=REGION&tls=off")
	}
	for name := range query {
		value := query.Get(name)
		switch {
		case name == "region" && value != "":
			a.Region = value
		case name == "tls" && (value == "on" || value == "off"):
			a.PlainHTTP = value == "off"
		default:
			return fmt.Errorf("%s=%s is not known: use region=REGION and tls=on or tls=off", name, value)
		}
	}
	return nil
}

// String returns the address without the key and the secret.
func (a Address) String() string { return Scheme + a.Host + "/" + a.Bucket }
