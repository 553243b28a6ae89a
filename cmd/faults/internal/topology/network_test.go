package topology

import (
	"io"
	"net"
	"testing"
	"time"
)

// echo starts a server that sends back what it receives, and returns its address.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return l.Addr().String()
}

func TestACutLinkForwardsNothingUntilItIsHealed(t *testing.T) {
	t.Parallel()
	var n network
	t.Cleanup(n.close)
	address, err := n.connect("a", "b", echo(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answered := func(text string) error {
		if _, err := conn.Write([]byte(text)); err != nil {
			return err
		}
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		_, err := io.ReadFull(conn, make([]byte, len(text)))
		return err
	}
	if err := answered("one"); err != nil {
		t.Fatalf("the link does not work: %v", err)
	}
	n.cut("b")
	if err := answered("two"); err == nil {
		t.Error("a cut link forwards")
	}
	n.heal("b")
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	back := make([]byte, 3)
	if _, err := io.ReadFull(conn, back); err != nil || string(back) != "two" {
		t.Errorf("after the cut %q arrives (%v), want two", back, err)
	}
}

func TestACutOfTwoMachinesKeepsTheirOwnLink(t *testing.T) {
	t.Parallel()
	var n network
	t.Cleanup(n.close)
	for _, ends := range [][2]string{{"a", "b"}, {"b", "c"}} {
		if _, err := n.connect(ends[0], ends[1], echo(t)); err != nil {
			t.Fatal(err)
		}
	}
	n.cut("a", "b")
	if !isClosed(n.links[0].gate()) {
		t.Error("the link between the machines is cut")
	}
	if isClosed(n.links[1].gate()) {
		t.Error("the link to another machine is not cut")
	}
}
