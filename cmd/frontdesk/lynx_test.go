package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// keys has the keys that a user presses in lynx, in the format of its -cmd_script.
type keys []string

// press adds keys by their names.
func (k *keys) press(names ...string) {
	for _, name := range names {
		*k = append(*k, "key "+name)
	}
}

// write adds the keys that type the text.
func (k *keys) write(text string) {
	for _, letter := range text {
		if letter == ' ' {
			k.press("<space>")
		} else {
			k.press(string(letter))
		}
	}
}

// stops is a selector of the elements at which the tab key stops. Lynx also shows hidden
// elements.
const stops = "a[href], input:not([type=hidden]), textarea, select, button"

// tabTo moves from the top of a page to one of its fields.
func (k *keys) tabTo(page *goquery.Document, field string) {
	for range page.Find(stops).IndexOfSelection(page.Find(field).First()) {
		k.press("<tab>")
	}
}

// tabFrom moves from one field of a page to another.
func (k *keys) tabFrom(page *goquery.Document, from, to string) {
	all := page.Find(stops)
	for range all.IndexOfSelection(page.Find(to).First()) - all.IndexOfSelection(page.Find(from).First()) {
		k.press("<tab>")
	}
}

// visit types the address of another page.
func (k *keys) visit(address string) {
	k.press("g")
	k.press("^U")
	k.write(address)
	k.press("^J")
}

func TestATextBrowserRegistersAndOpensATicket(t *testing.T) {
	t.Parallel()
	lynx := lynxPath(t)
	base := startDesk(t).base
	// A second client loads the same pages to find the positions of their fields.
	scout := newPerson(t, base)
	registration := scout.get("/register")
	scout.register("Scout", "scout@example.org")
	newTicket := scout.get("/tickets/new")

	var k keys
	k.tabTo(registration, "#username")
	k.write("Lou Lynx")
	k.press("<tab>")
	k.write("lou@example.org")
	k.press("<tab>")
	k.write(password)
	k.press("<tab>", "^J")
	k.visit(base + "/tickets/new")
	k.tabTo(newTicket, "#subject")
	k.write("A lamp that went out")
	k.press("<tab>")
	k.write("It was on yesterday")
	k.press("<tab>", "^J", "Down Arrow", "^J") // the first category of the list
	k.tabFrom(newTicket, "#category", `form[action^="/tickets"] button:not([hidden]):not([name])`)
	k.press("^J", "Q", "y")
	browse(t, lynx, base+"/register", k)

	lou := newPerson(t, base)
	lou.signIn("lou@example.org")
	list := lou.get("/tickets").Find("main").Text()
	if !strings.Contains(list, "A lamp that went out") {
		t.Errorf("the ticket is not in Lou's list: %s", list)
	}
}

// Text browsers show the content of elements that are hidden, and of template elements.
func TestATextBrowserDoesNotShowTheTemplatesOfScripts(t *testing.T) {
	t.Parallel()
	lynx := lynxPath(t)
	base := startDesk(t).base
	ana := newPerson(t, base)
	ana.register("Ana Kovač", "ana@example.org")
	for _, path := range []string{ana.ticket("A lamp", "It is dark."), "/tickets", "/tickets/new"} {
		html, err := ana.get(path).Html()
		if err != nil {
			t.Fatal(err)
		}
		dump := exec.CommandContext(t.Context(), lynx, "-dump", "-stdin")
		dump.Stdin, dump.Env = strings.NewReader(html), append(os.Environ(), "HOME="+t.TempDir())
		text, err := dump.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, absent := range []string{"No connection right now", "You have been signed out", "Try again", "Not sent", "Not saved yet", "0 messages", "unread"} {
			if strings.Contains(string(text), absent) {
				t.Errorf("%s shows %q in lynx", path, absent)
			}
		}
	}
}

// lynxPath returns the path of lynx. Without lynx, it skips the test, or fails it if CI is set.
func lynxPath(t *testing.T) string {
	t.Helper()
	lynx, err := exec.LookPath("lynx")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("lynx is not installed, and CI is set: install the package lynx")
		}
		t.Skip("lynx is not installed")
	}
	return lynx
}

// browse runs lynx with keys from a file, as if a user pressed them at a terminal.
func browse(t *testing.T, lynx, address string, k keys) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(script, []byte(strings.Join(append(k, "exit"), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), lynx, "-accept_all_cookies", "-cmd_script="+script, address)
	run.Env = append(os.Environ(), "TERM=vt100", "LINES=50", "COLUMNS=100", "HOME="+t.TempDir())
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("lynx: %v\n%.2000s", err, out)
	}
}
