package ui

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// linksOf returns the addresses that a text links to, joined by spaces.
func linksOf(line string) string {
	var found []string
	for s := range spans(line) {
		if s.href != "" {
			found = append(found, s.href)
		}
	}
	return strings.Join(found, " ")
}

func TestAddressesInTextBecomeLinks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"see https://example.org/a?b=c#d.":                "https://example.org/a?b=c#d",
		"(http://example.org/x_(y))":                      "http://example.org/x_(y)",
		"[http://example.org/x[1]]":                       "http://example.org/x[1]",
		"HTTPS://EXAMPLE.ORG, or not":                     "HTTPS://EXAMPLE.ORG",
		"write mailto:ana@example.org!":                   "mailto:ana@example.org",
		"mailto:ana@example.org?subject=A%20b.":           "mailto:ana@example.org?subject=A%20b",
		"<https://example.org>":                           "https://example.org",
		"„https://example.org“":                           "https://example.org",
		"http://wiki:8080/page, http://[::1]:80/x":        "http://wiki:8080/page http://[::1]:80/x",
		"http://http://example.org/":                      "http://example.org/",
		"https://example.org/a,https://example.org/b":     "https://example.org/a,https://example.org/b",
		"xhttps://example.org":                            "",
		"javascript:alert(1)":                             "",
		"data:text/html,x vbscript:x ftp://example.org/x": "",
		"https:// and http://":                            "",
		"mailto:nobody":                                   "",
		"mailto:@example.org, mailto:a@":                  "",
		"https://../x, https://.org, https://a..b/":       "",
	} {
		if got := linksOf(text); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
	}
}

func TestALinkEndsAtPunctuationOfEveryScript(t *testing.T) {
	t.Parallel()
	const address = "https://example.com/a"
	for _, after := range []string{"。谢谢", "，谢谢", "、", "！", "？", "；", "：", "）", "」", "』", "】", "》", "〉", "］", "｝", "”", "»", "…", "……谢谢", "——谢谢", "（谢谢）", "「谢谢」", "｡", "､",
		"،", "؛", "؟", "۔", "।", "॥", "։", "׃", "።", "፣", "།", "។", "။", "၊", "\u3000谢谢", "\u200b", "\ufeff", "’", "・", "～", "〜"} {
		if got := linksOf("看" + address + after); got != address {
			t.Errorf("%q links to %q, want %q", address+after, got, address)
		}
	}
}

func TestALinkBeginsDirectlyAfterALetterOfAnotherScript(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"（https://example.com/）":       "https://example.com/",
		"请看https://example.com/a。谢谢":   "https://example.com/a",
		"ここhttps://example.com/。":      "https://example.com/",
		"주소https://example.com/a입니다.":  "https://example.com/a입니다",
		"ดูhttps://example.com/":       "https://example.com/",
		"邮箱mailto:ana@example.com，谢谢":  "mailto:ana@example.com",
		"смотриhttps://example.com/":   "https://example.com/",
		"2https://example.com/":        "",
		"请看https://example.com谢谢":      "https://example.com",
		"https://example.com에서 보세요":    "https://example.com",
		"mailto:ana@example.com에게":     "mailto:ana@example.com",
		"https://example.com'dan alın": "https://example.com",
		"https://example.com👍":         "https://example.com",
	} {
		if got := linksOf(text); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
	}
}

func TestNamesAndPathsOfOtherScriptsAreLinked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://bücher.example/straße?größe=42#ü", "https://例え.テスト/道", "https://пример.рф/", "http://مثال.إختبار/صفحة",
		"https://xn--bcher-kva.example/", "https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ", "https://fa.wikipedia.org/wiki/می\u200cخواهم",
		"https://fr.wikipedia.org/wiki/L’Équipe", "https://example.com/%E4%B8%8A%E6%B5%B7?q=a%20b", "https://example.com/100%25", "https://example.com/50%off", "mailto:ana@bücher.example",
	} {
		if got := linksOf("see " + address + " now"); got != address {
			t.Errorf("%q links to %q", address, got)
		}
	}
}

func TestALinkLeadsWhereItsTextSays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://example.com@evil.example/":             "", // the name before the @ is not a host
		"https://example.com:80@evil.example/":          "",
		"https://user:secret@evil.example/":             "",
		"https://example.com\\@evil.example/":           "https://example.com",
		"https://example.com%2F@evil.example/":          "",
		"https://example.com%00.evil.example/":          "https://example.com",
		"https://example.com／evil.example":              "https://example.com",
		"https://example.com⁄evil.example":              "https://example.com",
		"https://exam\u200bple.com/":                    "https://exam",
		"https://example.com/\u202egpj.exe":             "https://example.com/",
		"https://example.com/a\u2067b":                  "https://example.com/a",
		"\u202ehttps://example.com/a\u202c":             "https://example.com/a",
		"https://" + strings.Repeat("a.", 200) + "com/": "",
	} {
		if got := linksOf(text); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
	}
}

func TestALinkIsLeftToRightAndUntrusted(t *testing.T) {
	t.Parallel()
	link := proseOf(t, "\u202eלינק https://example.org/א").Find("a")
	for name, want := range map[string]string{"dir": "ltr", "rel": "nofollow noopener ugc", "href": "https://example.org/א"} {
		if got := link.AttrOr(name, ""); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func FuzzSpansKeepEveryByte(f *testing.F) {
	for _, seed := range []string{"", "a https://b.c d", "mailto:a@b.c)))", "http://[::1]:8/x", "h\xffttp://x", "https://\x00", "ＨＴＴＰ://x", "请看https://例え.テスト谢谢。", "https://a\u0300.b@c:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var b strings.Builder
		for s := range spans(line) {
			b.WriteString(s.text)
			if s.href == "" {
				continue
			}
			if s.href != s.text {
				t.Fatalf("%q: the link is %q, want its text %q", line, s.href, s.text)
			}
			if strings.ContainsFunc(s.href, endsLink) {
				t.Fatalf("%q: the link %q has a character that ends links", line, s.href)
			}
			if !strings.Contains(s.href, ":") {
				t.Fatalf("%q: the link %q has no scheme", line, s.href)
			}
			if utf8.ValidString(line) && !utf8.ValidString(s.href) {
				t.Fatalf("a link cuts a character: %q", s.href)
			}
		}
		if b.String() != line {
			t.Fatalf("%q was rendered as %q", line, b.String())
		}
	})
}
