// Package mail has the texts of mails: the same content as plain text and as HTML.
package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"frontdesk/internal/input"
	"frontdesk/internal/mailout"
)

// Render returns the text and the HTML of a mail.
func Render(c mailout.Content) (text, html string, err error) {
	var out bytes.Buffer
	if err := page(c).Render(context.Background(), &out); err != nil {
		return "", "", fmt.Errorf("render HTML: %w", err)
	}
	return plain(c), out.String(), nil
}

// plain returns the content as plain text.
func plain(c mailout.Content) string {
	var parts []string
	parts = append(parts, c.Intro...)
	for _, e := range c.Entries {
		parts = append(parts, plainEntry(e))
	}
	if c.Button.URL != "" {
		parts = append(parts, c.Button.Label+":\n"+c.Button.URL)
	}
	if c.Signature != "" {
		parts = append(parts, c.Signature)
	}
	small := append([]string{}, c.Notes...)
	if c.Unsubscribe != "" {
		small = append(small, "Get no more such mails: "+c.Unsubscribe)
	}
	small = append(small, strings.TrimSpace(c.DeskName+" "+c.DeskURL))
	parts = append(parts, "-- \n"+strings.Join(small, "\n"))
	return strings.Join(parts, "\n\n") + "\n"
}

func plainEntry(e mailout.Entry) string {
	var lines []string
	if e.Title != "" {
		lines = append(lines, e.Title)
	}
	if e.Meta != "" {
		lines = append(lines, e.Meta)
	}
	if e.URL != "" {
		lines = append(lines, e.URL)
	}
	text := strings.TrimSpace(e.Text)
	if e.Quoted && text != "" {
		text = "> " + strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\n> ")
	}
	if text != "" && len(lines) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, text)
	for _, f := range e.Files {
		lines = append(lines, plainFile(f))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func plainFile(f mailout.File) string {
	if f.Attached {
		return fmt.Sprintf("\nAttached: %s (%s)", f.Name, input.Bytes(f.Size))
	}
	return fmt.Sprintf("\nFile: %s (%s)\n%s", f.Name, input.Bytes(f.Size), f.URL)
}
