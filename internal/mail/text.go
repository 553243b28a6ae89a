package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// maxDepth is the maximum number of nested parts that [PlainText] enters. [Message.Bytes] nests two.
const maxDepth = 5

// Body has the plain text of a message.
type Body struct {
	Text  string
	Files []string // names of the attached files
}

// PlainText returns the plain text of a message that [Message.Bytes] has built, and the names of its
// attached files. It is not meant for messages of others.
func PlainText(raw []byte) (Body, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Body{}, fmt.Errorf("read a message: %w", err)
	}
	var b Body
	err = b.add(part{m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get("Content-Disposition"), m.Body}, maxDepth)
	return b, err
}

// part is a part of a message.
type part struct {
	contentType, encoding, disposition string
	body                               io.Reader
}

// add adds a part and those within it.
func (b *Body) add(p part, depth int) error {
	kind, params, err := mime.ParseMediaType(p.contentType)
	if err != nil {
		return fmt.Errorf("read the type of a part: %w", err)
	}
	disposition, file, _ := mime.ParseMediaType(p.disposition)
	switch {
	case disposition == "attachment":
		name, err := new(mime.WordDecoder).DecodeHeader(file["filename"])
		b.Files = append(b.Files, name)
		return err
	case strings.HasPrefix(kind, "multipart/") && depth > 0:
		return b.addParts(multipart.NewReader(p.body, params["boundary"]), depth-1)
	case kind == "text/plain":
		text, err := io.ReadAll(p.decoded())
		b.Text += strings.ReplaceAll(string(text), "\r\n", "\n")
		return err
	}
	return nil
}

func (b *Body) addParts(parts *multipart.Reader, depth int) error {
	for {
		next, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a part: %w", err)
		}
		h := next.Header
		if err := b.add(part{h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), h.Get("Content-Disposition"), next}, depth); err != nil {
			return err
		}
	}
}

// decoded returns the content of a part.
func (p part) decoded() io.Reader {
	switch strings.ToLower(p.encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(p.body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, p.body)
	}
	return p.body
}
