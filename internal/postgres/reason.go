package postgres

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// fatal matches a line with the reason for which PostgreSQL ends. Before they have a log,
// its programs begin such a line with their names.
var fatal = regexp.MustCompile(`^.*?(?:FATAL|PANIC):\s+(.*)$|^(?:postgres|initdb): (?:error: |fatal: )?(.*)$`)

// severity matches the part of a log line before its text.
var severity = regexp.MustCompile(`^.*? (LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT):\s+`)

// answers matches messages to clients while the server starts or stops. They are not the
// reason of a failure.
var answers = regexp.MustCompile(`^the database system is |^terminating connection `)

// reasonIn returns the first reason in the output of PostgreSQL's programs, or the last
// line if there is none.
func reasonIn(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, line := range lines {
		m := fatal.FindStringSubmatch(line)
		if m == nil || answers.MatchString(m[1]) {
			continue
		}
		text := m[1] + m[2] + continued(lines[i+1:])
		if i > 0 && strings.HasSuffix(m[1], "contains errors") { // the line before has the details
			text = severity.ReplaceAllString(lines[i-1], "") + "; " + text
		}
		return text
	}
	return lastLine(out)
}

// continued returns the text of the lines that belong to the message before them.
func continued(lines []string) string {
	var text strings.Builder
	for _, line := range lines {
		m := severity.FindStringSubmatch(line)
		if m != nil && m[1] != "DETAIL" && m[1] != "HINT" {
			break
		}
		text.WriteString(" " + strings.TrimSpace(severity.ReplaceAllString(line, "")))
	}
	return text.String()
}

// reason returns why the server ended, from the log since its last launch.
func (s *server) reason() string {
	out, err := s.logged()
	if err != nil {
		return err.Error()
	}
	return reasonIn(out)
}

// logged returns the log since the last launch, at most 1 MiB.
func (s *server) logged() ([]byte, error) {
	s.mu.Lock()
	from := s.logFrom
	s.mu.Unlock()
	f, err := os.Open(s.c.logFile())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, from, 1<<20))
}

// Explain returns err, with the reason and its remedy if the server has crashed since it was
// started: its clients only learn that their connections were closed.
func (c *Cluster) Explain(err error) error {
	out, errLog := c.server.logged()
	if errLog != nil || !bytes.Contains(out, []byte("PANIC: ")) {
		return err
	}
	return fmt.Errorf("the database has failed: %s (%w)", c.withRemedy(reasonIn(out)), err)
}

// logFile returns the path of the server's log.
func (c *Cluster) logFile() string { return filepath.Join(filepath.Dir(c.data), "postgres.log") }

// lastLine returns the last line of out.
func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// remedies has remedies for reasons that contain a text. %[1]s is the folder of the cluster,
// %[2]s the user that must own it.
var remedies = []struct{ contains, cure string }{
	{"could not look up effective user ID", "initdb needs an entry for that user in /etc/passwd: add one (such as frontdesk:x:%[2]s:%[2]s::/tmp:/bin/false), run Frontdesk as a user who has one, or set DATABASE_URL"},
	{"invalid permissions", "run chmod 0700 '%[1]s'"},
	{"wrong ownership", "run chown -R %[2]s '%[1]s'"},
	{"ermission denied", "run chown -R %[2]s '%[1]s'"},
	{"No space left", "make room on the disk of %[1]s"},
	{"locale", "install a UTF-8 locale (on Debian: apt-get install locales), or set DATABASE_URL"},
	{"pg_control", "the files in %[1]s are damaged: restore them from a backup, or move the folder away and begin anew"},
	{"could not locate a valid checkpoint", "the files in %[1]s are damaged: restore them from a backup"},
	{"unrecognized configuration parameter", "remove that line from %[1]s/postgresql.conf"},
}

// withRemedy returns a reason with its remedy or, if none is known, the path of the log.
func (c *Cluster) withRemedy(reason string) string {
	for _, known := range remedies {
		if strings.Contains(reason, known.contains) {
			return reason + ": " + fillIn(known.cure, c.data, c.owner.user())
		}
	}
	return reason + " (the whole log is in " + c.logFile() + ")"
}

// fillIn replaces %[1]s, %[2]s and so on by the values. Unlike [fmt.Sprintf] it accepts a
// text that does not use all of them.
func fillIn(text string, values ...string) string {
	for i, v := range values {
		text = strings.ReplaceAll(text, fmt.Sprintf("%%[%d]s", i+1), v)
	}
	return text
}
