package mail

import (
	"fmt"
	"testing"
)

func TestARecordedDialogueHasNeitherPasswordsNorTheMessage(t *testing.T) {
	r := recorder{hide: Server{User: "ana", Password: "rumpelstilzchen"}.hide}
	for _, part := range []string{"220 hello\r\nEHLO desk\r\n250-AUTH LOGIN\r\n250 ", "ok\r\nAUTH LOGIN\r\n334 VXNlcm5hbWU6\r\n", "c2VjcmV0IHVzZXI=\r\n334 UGFzc3dvcmQ6\r\nc2VjcmV0\r\n235 fine\r\n",
		"AUTH PLAIN AGFuYQBydW1wZWxzdGlsemNoZW4=\r\n501 not AGFuYQBydW1wZWxzdGlsemNoZW4=, rumpelstilzchen, cnVtcGVsc3RpbHpjaGVu\r\nMAIL FROM:<a@example.org>\r\n250 ok\r\nDATA\r\n354 go on\r\nSubject: a\r\n", "123 Main Street\r\n.\r\n250 queued\r\n"} {
		if _, err := r.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	got := ""
	for _, line := range r.end(nil) {
		got += fmt.Sprint(map[bool]string{true: "S ", false: "C "}[line.Server], line.Text, "|")
	}
	want := "S 220 hello|C EHLO desk|S 250-AUTH LOGIN|S 250 ok|C AUTH LOGIN ••••|S 334 VXNlcm5hbWU6|C ••••|S 334 UGFzc3dvcmQ6|C ••••|S 235 fine|" +
		"C AUTH PLAIN ••••|S 501 not ••••, ••••, ••••|C MAIL FROM:<a@example.org>|S 250 ok|C DATA|S 354 go on|"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
