package desk_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/mail"
	"frontdesk/internal/mail/mailtest"
)

// eximConfig is the configuration of Exim: STARTTLS and AUTH, a refused, a delayed and a bounced
// address, and all other mail in one file. FOLDER and PORT are replaced.
const eximConfig = `
primary_hostname = mx.example.org
exim_path = /usr/sbin/exim4
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
daemon_smtp_ports = PORT
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = FOLDER/cert.pem
tls_privatekey = FOLDER/key.pem
deliver_drop_privilege = true
never_users =
keep_environment =
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny !authenticated = *
       message = sign in first
  deny local_parts = nobody
       message = no such user
  defer local_parts = greylisted
       message = come back later
  accept
begin routers
late:
  driver = redirect
  local_parts = late
  data = :fail: mailbox is gone
  allow_fail
local:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = FOLDER/all
  envelope_to_add
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{desk}}{eq{$auth3}{a secret}}}}
`

// startExim starts Exim, and returns the server and the file with the delivered mails.
func startExim(t *testing.T) (mail.Server, string) {
	t.Helper()
	program, err := exec.LookPath("exim4")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("needs Exim (apt-get install exim4-daemon-light) and root")
	}
	folder, err := os.MkdirTemp("", "frontdesk-exim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := mail.Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: mail.StartTLS, User: "desk", Password: "a secret", Roots: x509.NewCertPool()}
	l.Close()
	cert := mailtest.Certificate(t, time.Now().Add(time.Hour))
	server.Roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	writeEximFiles(t, folder, cert, server.Port)
	cmd := exec.Command(program, "-C", filepath.Join(folder, "conf"), "-bdf", "-q1s")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // with its children, which would write to the folder again
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	eventually(t, "Exim accepts connections", func() bool {
		conn, err := net.Dial("tcp", server.Addr())
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return server, filepath.Join(folder, "all")
}

// writeEximFiles writes the configuration and the certificate, in a folder that Exim's user can use.
func writeEximFiles(t *testing.T, folder string, cert tls.Certificate, port int) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	config := strings.NewReplacer("FOLDER", folder, "PORT", fmt.Sprint(port)).Replace(eximConfig)
	for name, content := range map[string][]byte{"conf": []byte(config),
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chown", "-R", "Debian-exim:", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command("chown", "root:root", filepath.Join(folder, "conf")).CombinedOutput(); err != nil { // Exim insists on it
		t.Fatalf("%v: %s", err, out)
	}
}

// eventually waits until ok returns true, and fails the test after a minute.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func TestEximTakesRefusesDelaysAndReturnsMails(t *testing.T) {
	t.Parallel()
	server, file := startExim(t)
	c := &clock{}
	options := mailOptions(server)
	options.Timeouts = mail.DefaultTimeouts
	h := deskWithMail{newDeskWithOptions(t, desk.Options{Now: c.now, Mail: options}), nil, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	priya := h.person("priya", account.RoleAdmin)
	for _, name := range []string{"ana", "nobody", "greylisted", "late"} {
		h.comments(priya, h.opens(h.person(name, account.RoleCustomer), invoice()).ID)
	}
	h.passes(time.Minute)
	want := "ana sent accepted 250, greylisted deferred queued 451, late sent accepted 250, nobody failed failed 550"
	got := h.text(`select string_agg(concat_ws(' ', u.username, o.state, r.state, r.code), ', ' order by u.username)
		from mail_out o join mail_rcpt r on r.mail_out_id = o.id join users u on u.id = o.user_id`)
	if got != want {
		t.Errorf("the mails are %q, want %q", got, want)
	}
	read := func() string { all, _ := os.ReadFile(file); return string(all) }
	eventually(t, "the answer and the bounce are delivered", func() bool {
		return strings.Contains(read(), "Envelope-to: ana@example.org") && strings.Contains(read(), "Envelope-to: help@example.org")
	})
	_, bounce, _ := strings.Cut(read(), "Envelope-to: help@example.org")
	for _, text := range []string{"mailbox is gone", h.text("select message_id from mail_out o join users u on u.id = o.user_id and u.username = 'late'")} {
		if !strings.Contains(bounce, text) {
			t.Errorf("the bounce lacks %q", text)
		}
	}
}
