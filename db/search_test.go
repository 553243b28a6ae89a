package db_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/unicode/norm"

	"frontdesk/db/dbtest"
)

// isOneOfMany reports whether r is skipped because its script has thousands of similar letters, of
// which the test uses only some.
func isOneOfMany(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Tangut, unicode.Yi, unicode.Cuneiform, unicode.Egyptian_Hieroglyphs) && r%61 > 0
}

// Every letter, mark and digit of Unicode that the fold does not change belongs to a word or to a
// run, and every other character separates words.
func TestWordsConsistOfLettersAndAreSeparatedByOtherCharacters(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	var letters, others []string
	for r := rune(1); r <= unicode.MaxRune; r++ {
		switch {
		case isOneOfMany(r), r >= 0xd800 && r <= 0xdfff || norm.NFKC.String(string(r)) != string(r) || r >= 0x2b9 && r <= 0x2bf: // U+02B9 to U+02BF are apostrophes
		case unicode.In(r, unicode.L, unicode.M, unicode.N):
			letters = append(letters, string(r))
		case unicode.In(r, unicode.P, unicode.S, unicode.Z, unicode.Cc):
			others = append(others, string(r))
		}
	}
	if len(letters) < 15_000 {
		t.Fatalf("got %d letters, want at least 15000", len(letters))
	}
	if len(others) < 5000 {
		t.Fatalf("got %d others, want at least 5000", len(others))
	}
	for _, c := range []struct {
		what, wrong string
		of          []string
	}{
		{"a letter that separates words", "words = '{a,b}' and runs is null and search_fold(c) <> ''", letters},
		{"another character in a word", "words <> '{a,b}' or runs is not null", others},
	} {
		wrong := inBatches(t, pool, "select array(select c from unnest($1::text[]) c, search_split('a' || c || 'b') where "+c.wrong+")", c.of)
		if len(wrong) > 0 {
			t.Errorf("%s: got %d, want none: %+q", c.what, len(wrong), wrong[:min(len(wrong), 40)])
		}
	}
}

// Folding a folded text does not change it, and both normal forms of a text have the same fold.
func TestTheFoldOfAFoldedTextAndOfBothNormalFormsIsTheSame(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	var all []string
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) && !isOneOfMany(r) {
			all = append(all, "x"+string(r)+"y")
		}
	}
	for what, differs := range map[string]string{
		"folded twice": "search_fold(search_fold(c)) <> search_fold(c)",
		"decomposed":   "search_fold(normalize(c, NFD)) <> search_fold(c)",
	} {
		wrong := inBatches(t, pool, "select array(select c from unnest($1::text[]) c where "+differs+")", all)
		if len(wrong) > 0 {
			t.Errorf("%s: got another text for %d characters, want none: %+q", what, len(wrong), wrong[:min(len(wrong), 40)])
		}
	}
}

// inBatches returns the results of sql for all texts. It passes them in batches.
func inBatches(t *testing.T, pool *pgxpool.Pool, sql string, texts []string) (all []string) {
	t.Helper()
	for part := range slices.Chunk(texts, 3000) {
		var some []string
		if err := pool.QueryRow(t.Context(), sql, part).Scan(&some); err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

// shapes has functions that return texts of n characters that take much work.
var shapes = map[string]func(n int) string{
	"one word":              func(n int) string { return strings.Repeat("a", n) },
	"short words":           func(n int) string { return strings.Repeat("a ", n/2) },
	"signs":                 func(n int) string { return strings.Repeat(".", n) },
	"accents":               func(n int) string { return strings.Repeat("é", n) },
	"expanding letters":     func(n int) string { return strings.Repeat("ßæ", n/2) },
	"expanding ligatures":   func(n int) string { return strings.Repeat("\ufdfa", n) },
	"expanding squares":     func(n int) string { return strings.Repeat("㌖㌀", n/2) },
	"Han":                   func(n int) string { return han(n) },
	"Hangul":                func(n int) string { return strings.Repeat("한글", n/2) },
	"runs of one letter":    func(n int) string { return strings.Repeat("我 ", n/2) },
	"letters and words":     func(n int) string { return strings.Repeat("我a", n/2) },
	"sorted marks":          func(n int) string { return "a" + strings.Repeat("\u0301", n) },
	"marks to be sorted":    func(n int) string { return "a" + strings.Repeat("\u0301", n/2) + strings.Repeat("\u0323", n/2) },
	"marks of Thai":         func(n int) string { return "ก" + strings.Repeat("\u0e48", n/2) + strings.Repeat("\u0e38", n/2) },
	"marks of Devanagari":   func(n int) string { return "क" + strings.Repeat("\u0951", n/2) + strings.Repeat("\u094d", n/2) },
	"marks of many scripts": func(n int) string { return strings.Repeat("\u1a60\u1714\u3099\u302a\u0fc6", n/5) },
	"digits":                func(n int) string { return strings.Repeat("٠٩", n/2) },
	"capitals":              func(n int) string { return strings.Repeat("ΑЖ", n/2) },
	"final sigmas":          func(n int) string { return strings.Repeat("ς", n) },
	"characters not seen":   func(n int) string { return strings.Repeat("\u200b\u00ad", n/2) },
}

// han returns a text of n Chinese characters.
func han(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteRune(rune(0x4e00 + i*7919%20000))
	}
	return b.String()
}

// If the work is linear, four texts of 5,000 characters take as much work as one of 20,000; if it
// is quadratic, a quarter. Caches and memory add to a longer text, so up to three times are accepted. The
// test compares the processor time of the server, and the minimum of several rounds, because other processes
// use the machine too.
func TestTheWorkOfCuttingATextIntoTermsIsLinear(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	cost := func(texts ...string) time.Duration {
		start := processorTime(t, conn.Conn().PgConn().PID())
		if _, err := conn.Exec(t.Context(), "select sum(length((search_text(1, txt)).terms)) from unnest($1::text[]) txt", texts); err != nil {
			t.Fatal(err)
		}
		return processorTime(t, conn.Conn().PgConn().PID()) - start
	}
	for name, shape := range shapes {
		four, one := time.Hour, time.Hour
		for round := 0; round < 30 && (round < 3 || one > 2*four); round++ {
			part := shape(5000)
			four, one = min(four, cost(part, part, part, part)), min(one, cost(shape(20_000)))
		}
		if four == 0 {
			t.Skip("the server runs on another machine")
		}
		if one > 3*four {
			t.Errorf("%s: got %v for four texts of 5,000 characters and %v for one of 20,000, want about as much", name, four, one)
		}
	}
}

// processorTime returns how long a process of this machine has run on a processor.
func processorTime(t *testing.T, pid uint32) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		t.Skip("the times of the server's processes are not known: ", err)
	}
	var ran int64 // nanoseconds
	if _, err := fmt.Sscan(string(text), &ran); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ran)
}

// A tsvector holds 1 MiB, and a term 2,046 bytes.
func TestTheTermsOfTheLongestTextsFit(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	texts := []string{strings.Repeat("z", 20_000), strings.Repeat("𠀀", 20_000), strings.Repeat("𐐀", 20_000), strings.Repeat(strings.Repeat("𐐀", 600)+" ", 33)}
	for _, shape := range shapes {
		texts = append(texts, shape(20_000))
	}
	for _, ticket := range []int64{1, 1 << 62} {
		for _, text := range texts {
			if _, err := pool.Exec(t.Context(), "insert into search_comments select $1, (select count(*) from search_comments), x.* from search_text($1, $2) x", ticket, text); err != nil {
				t.Errorf("%.20q: %v", text, err)
			}
		}
	}
}
