package desk_test

import (
	"crypto/rand"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"frontdesk/internal/account"
	"frontdesk/internal/upload"
)

func TestTheTypeOfAFileIsReadFromItsContent(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	const plain, any = "text/plain; charset=utf-8", "application/octet-stream"
	ascii := strings.Repeat("only ASCII to begin with, ", 40)
	for content, want := range map[string]string{
		"\x89PNG\r\n\x1a\nrest":                                  "image/png",
		"\xff\xd8\xff\xe0rest":                                   "image/jpeg",
		"GIF89a<script>alert(1)</script>":                        "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8 rest":                       "image/webp",
		"%PDF-1.7":                                               "application/pdf",
		"Zdravo, žuta lampa\r\n":                                 plain,
		"<svg xmlns='http://www.w3.org/2000/svg'></svg>":         any,
		" \n<!doctype html>":                                     any,
		"\ufeff<html>":                                           any,
		"\x00\x01\x02":                                           any,
		"RIFF\x00\x00\x00\x00WAVE":                               any,
		"latin \xe9\xe8 text":                                    "text/plain",
		ascii + "and then caf\xe9":                               "text/plain",
		ascii + "and then café":                                  plain,
		ascii + "and a cut caf\xc3":                              "text/plain",
		ascii + "and a NUL\x00":                                  any,
		"\ufeffwith a mark":                                      plain,
		"\xff\xfeh\x00i\x00":                                     "text/plain; charset=utf-16",
		"\xfe\xff\x00h\x00i":                                     "text/plain; charset=utf-16",
		"\xfe\xff\xd8\x3d\xde\x00":                               "text/plain; charset=utf-16",
		"\xff\xfeh\x00i":                                         any,
		"\xff\xfe\x00\xd8i\x00":                                  any,
		"\xff\xfe<\x00s\x00v\x00g\x00":                           any,
		"\xff\xfe" + strings.Repeat("a\x00", 5_000) + "\x00\x00": any,
	} {
		file := h.stages(ana, rand.Text(), "photo.png.html", content)
		if got := upload.MediaType(file.ContentType, file.Charset); got != want {
			t.Errorf("%.40q…%q: %s, want %s", content, content[max(0, len(content)-10):], got, want)
		}
	}
}

func TestACharacterSplitBetweenTwoReadsIsAccepted(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	text := strings.Repeat("aé€😀", 200)
	utf16 := "\xfe\xff" + strings.Repeat("\x00a\xd8\x3d\xde\x00", 200)
	for name, r := range map[string]io.Reader{
		"one byte at a time":  iotest.OneByteReader(strings.NewReader(text)),
		"half of each piece":  iotest.HalfReader(strings.NewReader(text)),
		"at 32 KiB":           strings.NewReader(strings.Repeat("x", 32<<10-1) + text),
		"at 32 KiB and one":   strings.NewReader(strings.Repeat("x", 32<<10-2) + text),
		"the end with a byte": iotest.DataErrReader(strings.NewReader(text)),
	} {
		file, err := h.Files.Stage(t.Context(), ana, name, name, r)
		if got := upload.MediaType(file.ContentType, file.Charset); err != nil || got != "text/plain; charset=utf-8" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	file, err := h.Files.Stage(t.Context(), ana, "utf16", "utf16", iotest.OneByteReader(strings.NewReader(utf16)))
	if got := upload.MediaType(file.ContentType, file.Charset); err != nil || got != "text/plain; charset=utf-16" {
		t.Errorf("UTF-16, one byte at a time: %q, %v", got, err)
	}
}

func TestAFilenameIsCleaned(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	for given, want := range map[string]string{
		`..\..\windows\win.ini`:              "win.ini",
		"../../etc/passwd":                   "passwd",
		".":                                  "file",
		"..":                                 "file",
		" ":                                  "file",
		"a/":                                 "file",
		"a\"\r\nSet-Cookie: x=y.txt":         "a\"Set-Cookie: x=y.txt",
		"evil\u202egpj.exe":                  "evilgpj.exe",
		"nul\x00.txt":                        "nul.txt",
		"bad\xff.txt":                        "bad.txt",
		".. .":                               "file",
		"\u3000\u00a0":                       "file",
		"\u200b\ufeff\u3164":                 "file",
		"\u0301":                             "file",
		"a%20b.txt":                          "a%20b.txt",
		"soft\u00adhyphen\u200b.txt":         "softhyphen.txt",
		"\u2066turned\u2069\u061c\u200e.txt": "turned.txt",
		"می\u200cخواهم.pdf":                  "می\u200cخواهم.pdf",
		"ක්\u200dර.txt":                      "ක්\u200dර.txt",
		"\u200d\u200cedge\u200d\u200c.txt":   "edge.txt",
		"👩\u200d💻 ❤️\u200d🔥 👍🏽.png":                                                             "👩\u200d💻 ❤️\u200d🔥 👍🏽.png",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f.png":                     "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f.png",
		"🏴\U000e0068\U000e0069\U000e0064\U000e0064\U000e0065\U000e006e\U000e0021\U000e007f.png": "🏴.png",
		"hidden\U000e0068\U000e0069\ufe0f\ufe0f.txt":                                            "hidden.txt",
		"\u0600\u0661.txt":                    "\u0600\u0661.txt",
		"e\u0301te\u0301.txt":                 "été.txt",
		strings.Repeat("ü", 300) + ".receipt": strings.Repeat("ü", 247) + ".receipt",
	} {
		if got := h.stages(ana, rand.Text(), given, "content"+given); got.Filename != want {
			t.Errorf("%q: %q, want %q", given, got.Filename, want)
		}
	}
}
