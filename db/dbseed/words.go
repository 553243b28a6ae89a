package dbseed

import (
	"math/rand/v2"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Words to search for in a seeded desk.
const (
	// Common is the most frequent word: a third of the tickets contain it.
	Common = "bababa"
	// Rare is in the subjects of ten tickets and in no other text.
	Rare = "quartz"
	// Old is only in subjects of the oldest three fifths of all tickets.
	Old = "fossil"
	// Chinese is in two descriptions of ten thousand, inside ChinesePhrase.
	Chinese       = "上海"
	ChinesePhrase = "我家在上海东边"
	// Accented is in two descriptions of ten thousand, in one of them decomposed. Unaccented finds it.
	Accented, Unaccented = "problème", "probleme"
)

// words generates texts.
type words struct{ rnd *rand.Rand }

// word returns one of 8,000 words. Words with low numbers are much more frequent, so that
// there are common and rare words, as in natural language.
func (w words) word() string {
	n := int(8000 * w.rnd.Float64() * w.rnd.Float64() * w.rnd.Float64())
	return vocabulary[n]
}

var vocabulary = func() (all [8000]string) {
	s := strings.Fields("ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu")
	for n := range all {
		all[n] = s[n%20] + s[n/20%20] + s[n/400%20]
	}
	return all
}()

func (w words) text(n int) string {
	var b strings.Builder
	b.Grow(n * 7)
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.word())
	}
	return b.String()
}

// foreign returns an addition to the description of a ticket: a text in Chinese for every tenth
// ticket, and one with accents for every tenth. It has its own random source, so that all other
// texts do not depend on it.
func foreign(w words, id int) string {
	var b strings.Builder
	switch id % 10 {
	case 3:
		b.WriteByte(' ')
		for range 10 + w.rnd.IntN(40) {
			b.WriteRune(han[int(float64(len(han))*w.rnd.Float64()*w.rnd.Float64())])
		}
		b.WriteString("。")
	case 7:
		for range 10 {
			b.WriteByte(' ')
			for range 3 {
				b.WriteString(accented[w.rnd.IntN(len(accented))])
			}
		}
	}
	switch id % 5000 {
	case 2:
		b.WriteString(" " + ChinesePhrase + "。")
	case 4:
		b.WriteString(" " + Accented)
		if id/5000%2 == 1 {
			return norm.NFD.String(b.String())
		}
	}
	return b.String()
}

var accented = strings.Fields("né nè nê ñi nö fé fè fê fî fö zé zè zê zî zö sé sè sê çî sö")

// han are 400 letters, without those of ChinesePhrase.
var han = func() (all []rune) {
	for r := '东' + 1; len(all) < 400; r += 13 {
		if !strings.ContainsRune(ChinesePhrase, r) {
			all = append(all, r)
		}
	}
	return all
}()
