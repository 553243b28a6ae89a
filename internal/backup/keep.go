package backup

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/durable"
	"frontdesk/internal/killpoint"
)

// Keep selects the archives of a folder that are kept: the newest one of each of the last days,
// weeks (from Monday) and months that have one. Days are of UTC.
type Keep struct{ Days, Weeks, Months int }

// keepText has the form of [ParseKeep].
var keepText = regexp.MustCompile(`^(?:(\d{1,4})d)?(?:(\d{1,4})w)?(?:(\d{1,4})m)?$`)

// ParseKeep parses numbers of days, weeks and months, in this order: 7d4w keeps seven daily
// and four weekly archives.
func ParseKeep(text string) (Keep, error) {
	var k Keep
	m := keepText.FindStringSubmatch(text)
	if m == nil {
		return Keep{}, fmt.Errorf("%q is not a number of days, weeks and months such as 7d4w", text)
	}
	for i, n := range []*int{&k.Days, &k.Weeks, &k.Months} {
		*n, _ = strconv.Atoi(m[i+1]) // "" is 0
	}
	if k == (Keep{}) {
		return Keep{}, fmt.Errorf("%q would keep no backup: give at least 1d", text)
	}
	return k, nil
}

// timeInName is the form of the time in the name of an archive.
const timeInName = "20060102T150405Z"

// archiveName matches the names of [FileName]. The first group is the time.
var archiveName = regexp.MustCompile(`^frontdesk-(\d{8}T\d{6}Z)\.tar\.zst(?:\.age)?$`)

// FileName returns the name of an archive in a folder of archives.
func FileName(at time.Time, encrypted bool) string {
	name := "frontdesk-" + at.UTC().Format(timeInName) + ".tar.zst"
	if encrypted {
		name += ".age"
	}
	return name
}

// NewPath returns the path of a new archive in a folder: that of [FileName], or, if an archive has
// that name or is being written to it, that of the first later second that is free.
func NewPath(folder string, at time.Time, encrypted bool) string {
	for ; ; at = at.Add(time.Second) {
		path := filepath.Join(folder, FileName(at, encrypted))
		_, err := os.Lstat(path)
		_, errPart := os.Lstat(path + unfinished)
		if err != nil && errPart != nil {
			return path
		}
	}
}

// Prune removes archives of a folder that k does not keep, and unfinished ones that killed
// calls of [WriteFile] have left, and returns their names. The newest archive is always kept.
// Other files are left alone.
func (k Keep) Prune(folder string) (removed []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	killpoint.Reach("prune")
	for _, e := range entries {
		if name, cut := strings.CutSuffix(e.Name(), unfinished); cut && archiveName.MatchString(name) {
			if removeLeft(filepath.Join(folder, e.Name())) == nil { // a call may be writing it
				removed = append(removed, e.Name())
			}
		}
	}
	kept := k.keeper()
	for i, a := range archivesOf(entries) {
		if kept(a.at) || i == 0 {
			continue
		}
		if err := os.Remove(filepath.Join(folder, a.name)); err != nil {
			return removed, err
		}
		killpoint.Reach("archive removed")
		removed = append(removed, a.name)
	}
	if len(removed) == 0 {
		return nil, nil
	}
	return removed, durable.SyncFolder(folder)
}

// archive is a file of a folder of archives.
type archive struct {
	name string
	at   time.Time
}

// archivesOf returns the archives among the entries of a folder, the newest first.
func archivesOf(entries []os.DirEntry) (all []archive) {
	for _, e := range entries {
		if m := archiveName.FindStringSubmatch(e.Name()); m != nil && e.Type().IsRegular() {
			if at, err := time.Parse(timeInName, m[1]); err == nil {
				all = append(all, archive{e.Name(), at})
			}
		}
	}
	slices.SortFunc(all, func(a, b archive) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.name, b.name)) })
	return all
}

// keeper returns a function that reports whether an archive is kept. It must be called with
// the newest archive first.
func (k Keep) keeper() func(at time.Time) bool {
	type period struct {
		left int
		last string
		of   func(time.Time) string
	}
	periods := []*period{
		{left: k.Days, of: func(t time.Time) string { return t.Format(time.DateOnly) }},
		{left: k.Weeks, of: func(t time.Time) string { year, week := t.ISOWeek(); return fmt.Sprint(year, week) }},
		{left: k.Months, of: func(t time.Time) string { return t.Format("2006-01") }},
	}
	return func(at time.Time) bool {
		keep := false
		for _, p := range periods {
			if name := p.of(at); name != p.last && p.left > 0 {
				p.last, keep = name, true
				p.left--
			}
		}
		return keep
	}
}
