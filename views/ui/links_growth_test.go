package ui

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// longest is the maximum length of a comment or description in characters.
const longest = 20_000

// hostileShapes returns texts of n characters in which finding links takes much work: each
// scheme with each bracket, quote and mark, repeated and unfinished.
func hostileShapes(n int) map[string]string {
	shapes := map[string]string{
		"attempts, then brackets":      fill(n/2, "mailto:") + "x" + fill(n/2, ")"),
		"a name of one label":          "https://" + fill(n, "a"),
		"a name of many labels":        "https://" + fill(n, "a."),
		"names of another script":      fill(n, "https://"+fill(59, "上海东边我家在")+".例 "),
		"names of many letters":        fill(n, "https://"+distinct(330)+" "),
		"names of as many labels":      fill(n, "https://"+strings.Join(strings.Split(distinct(126), ""), ".")+" "),
		"marks in a name":              "https://" + fill(n, "a\u0301"),
		"a user's name":                "https://" + fill(n, "a:"),
		"many signs of a user's name":  "mailto:" + fill(n, "a@"),
		"a path of another script":     "https://a.b/" + fill(n, "上"),
		"quotes":                       fill(n, `"`),
		"ampersands in links":          fill(n, "http://a.b/?a&b "),
		"lines":                        fill(n, "a\n"),
		"links in lines":               fill(n, "http://a.b\n"),
		"spaces at the ends of a line": fill(n, " ") + "a",
		"bytes that are no text":       fill(n, "http://\xff"),
	}
	for _, scheme := range []string{"http://", "https://", "mailto:", "HTTP://a.b/", "mailto:a@b?", "https://[", "www.", ":"} {
		shapes[scheme+" alone"] = fill(n, scheme)
		for _, mark := range []string{"(", ")", "[", "]", "{", "}", "<", ">", "（", "）", "「", "」", "«", "»", `"`, "'", "“", "’", ".", ",", "!", "?", "*", "_", "~", "&", "@", "/", "#", "%", ":", "-", "。", "\u202e", "\u0301", " ", "a", "я", "上"} {
			shapes[scheme+" and many "+mark] = scheme + fill(n-len(scheme), mark)
			shapes[scheme+" with "+mark] = fill(n, scheme+mark)
			shapes[scheme+" with a and "+mark] = fill(n, scheme+"a"+mark)
			shapes["many "+mark+" before "+scheme] = fill(n/2, mark) + fill(n/2, scheme+"a.b/")
			shapes["many "+scheme+" before "+mark] = fill(n/2, scheme) + "a.b/" + fill(n/2, mark)
		}
	}
	return shapes
}

// fill repeats unit until the text has n characters.
func fill(n int, unit string) string {
	r := []rune(strings.Repeat(unit, n/len([]rune(unit))+1))
	return string(r[:max(n, 0)])
}

// distinct returns n different characters, for which Punycode takes longest.
func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteRune(rune('一' + 7*i))
	}
	return b.String()
}

// work returns the cost of rendering a text: the number of inspected characters and of written
// bytes.
func work(text string) (looks, written int) {
	for line := range strings.SplitSeq(text, "\n") {
		l := &linkFinder{line: line}
		for range l.spans {
		}
		looks += l.looks
	}
	return looks, len(appendParagraphs(nil, text, nil))
}

func TestTheWorkOfRenderingGrowsWithTheLengthOfTheTextAlone(t *testing.T) {
	t.Parallel()
	long := hostileShapes(longest)
	for name, short := range hostileShapes(longest / 4) {
		looks, written := work(short)
		looks4, written4 := work(long[name])
		if looks4 > 6*looks+100 {
			t.Errorf("%s: %d characters inspected for a text of %d, %d for %d", name, looks, longest/4, looks4, longest)
		}
		if written4 > 6*written+100 {
			t.Errorf("%s: %d bytes written for a text of %d, %d for %d", name, written, longest/4, written4, longest)
		}
	}
}

// looksPerByte is the maximum number of inspected characters per byte of any text.
const looksPerByte = 8

func FuzzRenderingIsLinear(f *testing.F) {
	f.Add("", "mailto:", "x)")
	f.Add("https://", "a@", "")
	f.Add("http://a.b/", ")", "]")
	f.Add("http://", "http://", "上。")
	f.Fuzz(func(t *testing.T, head, unit, tail string) {
		if len(head)+len(unit)+len(tail) > 200 {
			return
		}
		many := func(s string) string { return strings.Repeat(s, longest/max(1, len(s))) }
		for _, text := range []string{head + many(unit) + tail, many(head) + unit + many(tail), many(head + unit + tail)} {
			if looks, _ := work(text); looks > looksPerByte*len(text)+1000 {
				t.Fatalf("%q, %q, %q: %d characters inspected for %d bytes", head, unit, tail, looks, len(text))
			}
		}
	})
}

// BenchmarkHostileText reports the rendering time of the slowest shape.
func BenchmarkHostileText(b *testing.B) {
	took := map[string]time.Duration{}
	shapes := hostileShapes(longest)
	for b.Loop() {
		for name, text := range shapes {
			began := time.Now()
			if err := Prose(text).Render(context.Background(), io.Discard); err != nil {
				b.Fatal(err)
			}
			if d := time.Since(began); took[name] == 0 || d < took[name] {
				took[name] = d
			}
		}
	}
	names := slices.SortedFunc(maps.Keys(took), func(x, y string) int { return cmp.Compare(took[y], took[x]) })
	b.ReportMetric(took[names[0]].Seconds()*1000, "worst-ms")
	for _, name := range names[:5] {
		b.Logf("%s: %s", name, took[name])
	}
}
