package web

import (
	"mime"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/internal/desk"
)

func TestPartHeadersOfClientsAreParsed(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]partHead{
		`form-data; name="text"`:                                                         {"text", "", false},
		`form-data; name="attachment"; filename="a.txt"`:                                 {"attachment", "a.txt", true},
		`form-data; name=attachment; filename=a.txt`:                                     {"attachment", "a.txt", true},
		`form-data;name="attachment";filename=""`:                                        {"attachment", "", true},
		`Form-Data; Name="attachment"; FileName="a.txt"`:                                 {"attachment", "a.txt", true},
		`form-data; name="attachment"; filename="my "best" file.txt"`:                    {"attachment", `my "best" file.txt`, true},
		`form-data; filename="my "best" file.txt"; name="attachment"`:                    {"attachment", `my "best" file.txt`, true},
		`form-data; name="attachment"; filename="a "quoted"; part.txt"`:                  {"attachment", `a "quoted"; part.txt`, true},
		`form-data; name="attachment"; filename="my \"best\" file.txt"`:                  {"attachment", `my "best" file.txt`, true},
		`form-data; name="attachment"; filename="my %22best%22 file.txt"`:                {"attachment", `my "best" file.txt`, true},
		`form-data; name="attachment"; filename="a%20b%0D%0A.txt"`:                       {"attachment", "a%20b\r\n.txt", true},
		`form-data; name="attachment"; filename="100%.txt"`:                              {"attachment", "100%.txt", true},
		`form-data; name="attachment"; filename="C:\dir\a.txt"`:                          {"attachment", `C:\dir\a.txt`, true},
		`form-data; name="attachment"; filename="a\"`:                                    {"attachment", `a\`, true},
		`form-data; name="attachment"; filename="a\"; size=3`:                            {"attachment", `a"; size=3`, true},
		`form-data; name="attachment"; filename="a.txt`:                                  {"attachment", "a.txt", true},
		`form-data; name="attachment"; filename="a;b.txt"`:                               {"attachment", "a;b.txt", true},
		`form-data; name="attachment"; filename="a=b; c.txt"`:                            {"attachment", "a=b; c.txt", true},
		`form-data; name="attachment"; filename=my file.txt`:                             {"attachment", "my file.txt", true},
		`form-data; name="attachment"; filename="a.txt"; filename="b.txt"`:               {"attachment", "a.txt", true},
		`form-data; name="attachment"; name="text"; filename="a.txt"`:                    {"attachment", "a.txt", true},
		`form-data; name="attachment"; filename`:                                         {"attachment", "", true},
		`form-data; name="attachment"; filename="a.txt"; filename*=UTF-8''%C5%BEuta.txt`: {"attachment", "žuta.txt", true},
		`form-data; name="attachment"; filename*=utf-8'sr'%C5%BEuta.txt`:                 {"attachment", "žuta.txt", true},
		`form-data; name="attachment"; filename*=iso-8859-1''na%EFve.txt`:                {"attachment", "naïve.txt", true},
		`form-data; name="attachment"; filename*=koi8-r''a%20b.txt`:                      {"attachment", "a b.txt", true},
		`form-data; name="attachment"; filename*=nonsense`:                               {"attachment", "nonsense", true},
		`form-data; name="attachment"; filename*=UTF-8''100%.txt`:                        {"attachment", "100%.txt", true},
		`form-data; name="attachment"; filename="a.txt"; filename*=`:                     {"attachment", "a.txt", true},
		`form-data; name="attachment"; filename*0="my "; filename*1="file.txt"`:          {"attachment", "my file.txt", true},
		`form-data; name="attachment"; filename*0*=UTF-8''%C5%BEu; filename*1=ta.txt`:    {"attachment", "žuta.txt", true},
		"form-data; name=\"attachment\"; filename=\"na\xefve.txt\"":                      {"attachment", "naïve.txt", true},
		"form-data; name=\"attachment\"; filename=\"žuta.txt\"":                          {"attachment", "žuta.txt", true},
		`form-data; filename="a.txt"`:                                                    {"", "a.txt", true},
		`attachment; name="attachment"; filename="a.txt"`:                                {"", "a.txt", true},
		`form-data`:                       {"", "", false},
		`form-data name="text"`:           {"", "", false},
		``:                                {"", "", false},
		`form-data; ;; = ; name="text";`:  {"text", "", false},
		"form-data; name=\t\"text\" ; x=": {"text", "", false},
	} {
		if got := readPartHead(textproto.MIMEHeader{"Content-Disposition": {header}}); got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", header, got, want)
		}
	}
}

// FuzzPartHeaders compares the result with the standard library, if that can parse the
// header, and searches for names that are not UTF-8.
func FuzzPartHeaders(f *testing.F) {
	for _, seed := range []string{`form-data; name="a"; filename="b"`, `form-data; filename*=UTF-8''a%20b`, `form-data; filename="a"b"`, `form-data; filename="\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := readPartHead(textproto.MIMEHeader{"Content-Disposition": {header}})
		if !utf8.ValidString(got.filename) {
			t.Errorf("%q: the name %q is not UTF-8", header, got.filename)
		}
		if _, params, err := mime.ParseMediaType(header); err == nil && params["filename"] != "" && !got.named {
			t.Errorf("%q: the file name %q is not found", header, params["filename"])
		}
	})
}

// Clients decode the header of a download as in RFC 6266 and RFC 8187.
func TestADownloadHasTheNameOfTheUploadedFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.txt":            `attachment; filename="a.txt"; filename*=UTF-8''a.txt`,
		"a%20b.txt":        `attachment; filename="a_20b.txt"; filename*=UTF-8''a%2520b.txt`,
		`my "best" a.txt`:  `attachment; filename="my _best_ a.txt"; filename*=UTF-8''my%20%22best%22%20a.txt`,
		"račun maj.pdf":    `attachment; filename="ra_un maj.pdf"; filename*=UTF-8''ra%C4%8Dun%20maj.pdf`,
		"a;b='c'.txt":      `attachment; filename="a;b='c'.txt"; filename*=UTF-8''a%3Bb%3D%27c%27.txt`,
		`a\b.txt`:          `attachment; filename="a_b.txt"; filename*=UTF-8''a%5Cb.txt`,
		"a\u200cb.txt":     `attachment; filename="a_b.txt"; filename*=UTF-8''a%E2%80%8Cb.txt`,
		"*()<>@,:/[]?{}$&": `attachment; filename="*()<>@,:/[]?{}$&"; filename*=UTF-8''%2A%28%29%3C%3E%40%2C%3A%2F%5B%5D%3F%7B%7D$&`,
	} {
		if got := disposition(desk.Attachment{Filename: name, ContentType: "text/plain"}); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		} else if _, params, err := mime.ParseMediaType(got[:len(got)-len(extendedValue(name))-len("; filename*=UTF-8''")]); err != nil || params["filename"] != asciiName(name) {
			t.Errorf("%s: the plain name is read as %q, %v", name, params["filename"], err)
		}
	}
}

// In quadratic time, each of these headers would take minutes.
func TestALongPartHeaderIsParsedInLinearTime(t *testing.T) {
	t.Parallel()
	const length = 1 << 20
	for _, unit := range []string{`"`, `" `, `";`, `"; `, `\"`, `\" `, `\`, ";", "=", `;a="`, `;a="b"`, ";filename*0=a", "%22", "é", "\xff", " "} {
		for _, before := range []string{"form-data; ", `form-data; filename="`, `form-data; filename*=utf-8''`} {
			value := before + strings.Repeat(unit, length/len(unit))
			head := readPartHead(textproto.MIMEHeader{"Content-Disposition": {value}})
			if len(head.filename) > 2*len(value) {
				t.Errorf("%d bytes of %q after %q became a name of %d bytes", len(value), unit, before, len(head.filename))
			}
		}
	}
}
