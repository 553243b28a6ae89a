package process

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// EndOf reads from /proc/net/tcp whether the end of a connection at local is open,
// and how many bytes wait there to be received by the other end.
func EndOf(local, remote net.Addr) (open bool, queued int64) {
	const established = "01"
	raw, _ := os.ReadFile("/proc/net/tcp") // if it cannot be read, the end counts as closed
	for line := range bytes.Lines(raw) {
		f := strings.Fields(string(line))
		if len(f) > 4 && f[1] == hexAddr(local) && f[2] == hexAddr(remote) {
			waiting, _, _ := strings.Cut(f[4], ":")
			queued, _ = strconv.ParseInt(waiting, 16, 64)
			return f[3] == established, queued
		}
	}
	return false, 0
}

// hexAddr returns an IPv4 address as /proc/net/tcp writes it on a little-endian machine.
func hexAddr(a net.Addr) string {
	tcp := a.(*net.TCPAddr)
	ip := tcp.IP.To4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], tcp.Port)
}
