package mailtest

import (
	"crypto/tls"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"
)

// dialogue is one connection.
type dialogue struct {
	server  *Server
	number  int
	conn    net.Conn
	text    *textproto.Conn
	secured bool
	mail    Message
}

// use makes the dialogue continue on the connection.
func (d *dialogue) use(conn net.Conn) { d.conn, d.text = conn, textproto.NewConn(conn) }

// run reads and answers commands until the connection ends.
func (d *dialogue) run() {
	defer d.conn.Close()
	if !d.answer(Connect, "", "220 mail.example.org ESMTP") {
		return
	}
	for {
		line, err := d.text.ReadLine()
		if err != nil || !d.command(line) {
			return
		}
	}
}

// command handles one command. It returns false if the connection is to be closed.
func (d *dialogue) command(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		return d.answer(Ehlo, rest, d.extensions())
	case "STARTTLS":
		return d.startTLS()
	case "AUTH":
		return d.auth(rest)
	case "MAIL":
		d.mail = Message{From: address(rest), Conn: d.number}
		return d.answer(Mail, d.mail.From, "250 2.1.0 ok")
	case "RCPT":
		to := address(rest)
		act := d.server.at(Rcpt, to)
		if act.Reply == "" {
			d.mail.To = append(d.mail.To, to)
		}
		return d.do(act, "250 2.1.5 ok")
	case "DATA":
		return d.data()
	case "QUIT":
		_ = d.text.PrintfLine("221 2.0.0 bye")
		return false
	}
	return d.do(Act{}, "250 2.0.0 ok")
}

// extensions returns the answer to EHLO.
func (d *dialogue) extensions() string {
	all := append([]string{"mail.example.org"}, d.server.more...)
	if d.server.tls != nil && !d.secured && !d.server.implicit {
		all = append(all, "STARTTLS")
	}
	if d.server.login != "" {
		all = append(all, "AUTH PLAIN")
	}
	all = append(all, "ENHANCEDSTATUSCODES")
	for i := range all {
		dash := "-"
		if i+1 == len(all) {
			dash = " "
		}
		all[i] = "250" + dash + all[i]
	}
	return strings.Join(all, "\r\n")
}

// startTLS answers STARTTLS and continues with TLS. It returns false if the dialogue ends.
func (d *dialogue) startTLS() bool {
	if !d.answer(StartTLS, "", "220 2.0.0 go ahead") {
		return false
	}
	d.secured = true
	d.use(tls.Server(d.conn, d.server.tls))
	return true
}

// auth answers AUTH PLAIN. It returns false if the dialogue ends.
func (d *dialogue) auth(rest string) bool {
	_, response, _ := strings.Cut(rest, " ")
	user, password, _ := strings.Cut(d.server.login, ":")
	if response != plainResponse(user, password) {
		return d.do(Act{Reply: "535 5.7.8 wrong password"}, "")
	}
	return d.answer(Auth, rest, "235 2.7.0 welcome")
}

// data answers DATA and receives the message. It returns false if the dialogue ends.
func (d *dialogue) data() bool {
	act := d.server.at(Data, "")
	if act.Reply != "" || act.Drop {
		return d.do(act, "")
	}
	if !d.do(act, "354 go on") {
		return false
	}
	body, err := io.ReadAll(d.text.DotReader())
	if err != nil {
		return false // without a dot: nothing was accepted
	}
	d.mail.Data, d.mail.At = string(body), time.Now()
	act = d.server.at(End, d.mail.Data)
	if act.Reply == "" && !act.Lose || strings.HasPrefix(act.Reply, "2") {
		d.server.accept(d.mail)
	}
	return d.do(act, "250 2.0.0 queued as 4F00D")
}

// answer does what the script says at a step.
func (d *dialogue) answer(step Step, argument, success string) bool {
	act := d.server.at(step, argument)
	return d.do(act, success) && (step != Connect || act.Reply == "")
}

// do waits, answers or closes the connection. It returns false if the connection is to be closed.
func (d *dialogue) do(act Act, success string) bool {
	if act.Wait > 0 {
		time.Sleep(act.Wait)
	}
	if act.Drop {
		return false
	}
	if act.Reply != "" {
		success = act.Reply
	}
	err := d.text.PrintfLine("%s", success)
	return err == nil && !strings.HasPrefix(success, "421")
}

// address returns the address of an argument such as "FROM:<ana@example.org> SIZE=10".
func address(argument string) string {
	_, rest, _ := strings.Cut(argument, "<")
	addr, _, _ := strings.Cut(rest, ">")
	return addr
}
