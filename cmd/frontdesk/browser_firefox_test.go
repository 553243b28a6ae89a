package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

var firefox = browser{name: "Firefox", open: openFirefox, consoleTexts: map[string]string{
	"WebSocket connection to": "ws://", // "Firefox can’t establish a connection to the server at ws://…"
	"Failed to fetch":         "NetworkError when attempting to fetch resource",
}}

// firefoxPreferences is the file user.js of the profile.
//
//go:embed testdata/firefox-user.js
var firefoxPreferences []byte

// firefoxKeeper runs Firefox until the end of its standard input, which comes when the test
// process ends for any reason.
const firefoxKeeper = `dir=$1; shift; HOME=$dir "$@" >"$dir/log" 2>&1 & pid=$!
cat >/dev/null; kill $pid; wait $pid; rm -rf "$dir"`

// sharedFirefox has the session with the Firefox that the tests share. It is nil before the first
// use.
var sharedFirefox struct {
	starting sync.Mutex
	*bidi
	chrome string   // a context with the privileges of the browser
	held   *os.File // the other end of the keeper's input
}

// firefoxPage is a window of the shared Firefox.
type firefoxPage struct {
	context, user string // the ids of the browsing context and of the user context
	// sandbox is the realm of expressions, "" for that of the page. If the scripts of the page
	// are disabled, promises in the realm of the page are never settled.
	sandbox string
}

// startFirefox starts the browser at the first call.
func startFirefox(t *testing.T) {
	t.Helper()
	sharedFirefox.starting.Lock()
	defer sharedFirefox.starting.Unlock()
	if sharedFirefox.bidi != nil {
		return
	}
	program := findBrowser(t, "firefox-esr", "firefox-esr", "firefox")
	url, err := launchFirefox(program)
	if err != nil {
		t.Fatalf("start Firefox: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	session, err := dialBidi(ctx, url)
	if err != nil {
		t.Fatalf("connect to Firefox: %v", err)
	}
	var tree struct{ Contexts []struct{ Context string } }
	if err := session.call(ctx, "browsingContext.getTree", object{"moz:scope": "chrome"}, &tree); err != nil || len(tree.Contexts) == 0 {
		t.Fatalf("find the window of Firefox: %v, %d found", err, len(tree.Contexts))
	}
	sharedFirefox.bidi, sharedFirefox.chrome = session, tree.Contexts[0].Context
}

// launchFirefox starts the browser with an empty profile and returns the address of its BiDi server.
func launchFirefox(program string) (string, error) {
	dir, err := os.MkdirTemp("", "frontdesk-firefox-")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "user.js"), firefoxPreferences, 0o600); err != nil {
		return "", err
	}
	in, held, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer in.Close()
	keeper := exec.Command("sh", "-c", firefoxKeeper, "sh", dir, program, "--headless", "--no-remote", "--profile", dir,
		"--width", "1280", "--height", "800", "--remote-debugging-port", "0", "--remote-allow-system-access", "about:blank")
	keeper.Stdin = in
	if err := keeper.Start(); err != nil {
		return "", err
	}
	sharedFirefox.held = held
	for deadline := time.Now().Add(3 * stepTimeout); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var server struct {
			Host string `json:"ws_host"`
			Port int    `json:"ws_port"`
		}
		text, _ := os.ReadFile(filepath.Join(dir, "WebDriverBiDiServer.json"))
		if json.Unmarshal(text, &server) == nil && server.Port != 0 {
			return fmt.Sprintf("ws://%s:%d/session", server.Host, server.Port), nil
		}
	}
	output, _ := os.ReadFile(filepath.Join(dir, "log"))
	return "", fmt.Errorf("it prints no address: %s", output)
}

// commandFirefox sends a command and, if result is not nil, decodes the answer into result.
func commandFirefox(method string, params object, result any) error {
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	return sharedFirefox.call(ctx, method, params, result)
}

// openFirefox implements browser.open.
func openFirefox(t *testing.T, handle func(string, bool)) page {
	t.Helper()
	startFirefox(t)
	var user struct{ UserContext string }
	var made struct{ Context string }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("open a page in Firefox: %v", err)
		}
	}
	must(commandFirefox("browser.createUserContext", object{}, &user))
	must(commandFirefox("browsingContext.create", object{"type": "window", "userContext": user.UserContext}, &made))
	p := &firefoxPage{context: made.Context, user: user.UserContext}
	sharedFirefox.listen(p.context, func(method string, params json.RawMessage) {
		var entry struct{ Level, Text string }
		if json.Unmarshal(params, &entry) == nil {
			handle(entry.Text, entry.Level == "error")
		}
	})
	must(commandFirefox("session.subscribe", object{"events": []string{"log.entryAdded"}, "contexts": []string{p.context}}, nil))
	must(p.call("browsingContext.setViewport", object{"viewport": object{"width": 1280, "height": 800}}))
	return p
}

// call sends a command for this page and ignores its result.
func (p *firefoxPage) call(method string, params object) error {
	params["context"] = p.context
	return commandFirefox(method, params, nil)
}

// open implements page.
func (p *firefoxPage) open(url string) error {
	return p.call("browsingContext.navigate", object{"url": url, "wait": "complete"})
}

// reload implements page.
func (p *firefoxPage) reload() error {
	return p.call("browsingContext.reload", object{"wait": "complete"})
}

// back implements page.
func (p *firefoxPage) back() error {
	return p.call("browsingContext.traverseHistory", object{"delta": -1})
}

// close implements page.
func (p *firefoxPage) close() {
	sharedFirefox.listen(p.context, nil)
	_ = p.call("browsingContext.close", object{})
	_ = commandFirefox("browser.removeUserContext", object{"userContext": p.user}, nil)
}

// eval implements page.
func (p *firefoxPage) eval(expression string) (string, error) {
	return evalFirefox(object{"context": p.context, "sandbox": p.sandbox}, "(async () => String(await ("+expression+")))()")
}

// evalFirefox returns the string value of a promise in the target realm.
func evalFirefox(target object, promise string) (string, error) {
	var answer struct {
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	err := commandFirefox("script.evaluate", object{"expression": promise, "target": target, "awaitPromise": true}, &answer)
	if err == nil && answer.ExceptionDetails.Text != "" {
		err = fmt.Errorf("%s", answer.ExceptionDetails.Text)
	}
	return answer.Result.Value, err
}

// insert implements page.
func (p *firefoxPage) insert(text string) error {
	quoted, err := json.Marshal(text)
	if err != nil {
		return err
	}
	done, err := p.eval("document.execCommand('insertText', false, " + string(quoted) + ")")
	if err == nil && done != "true" {
		err = fmt.Errorf("the text could not be inserted")
	}
	return err
}

// act sends the actions of one input device.
func (p *firefoxPage) act(kind string, actions ...object) error {
	if err := p.call("browsingContext.activate", object{}); err != nil {
		return err
	}
	return p.call("input.performActions", object{"actions": []object{{"type": kind, "id": kind, "actions": actions}}})
}

// tap implements page.
func (p *firefoxPage) tap(x, y float64) error {
	return p.act("pointer", object{"type": "pointerMove", "x": x, "y": y},
		object{"type": "pointerDown", "button": 0}, object{"type": "pointerUp", "button": 0})
}

// webDriverKeys has the characters of keys in WebDriver
// (https://www.w3.org/TR/webdriver2/#keyboard-actions).
var webDriverKeys = map[string]string{"Enter": "\uE007", "ArrowDown": "\uE015"}

// key implements page.
func (p *firefoxPage) key(name string) error {
	value := cmp.Or(webDriverKeys[name], name)
	return p.act("key", object{"type": "keyDown", "value": value}, object{"type": "keyUp", "value": value})
}

// attach implements page.
func (p *firefoxPage) attach(selector string, paths []string) error {
	var found struct{ Nodes []struct{ SharedID string } }
	err := commandFirefox("browsingContext.locateNodes", object{"context": p.context, "locator": object{"type": "css", "value": selector}}, &found)
	if err != nil {
		return err
	}
	if len(found.Nodes) == 0 {
		return fmt.Errorf("nothing matches %s", selector)
	}
	return p.call("input.setFiles", object{"element": object{"sharedId": found.Nodes[0].SharedID}, "files": paths})
}

// compose uses the test interface of Firefox, because BiDi has no input methods.
func (p *firefoxPage) compose(text string) error {
	quoted, err := json.Marshal(text)
	if err != nil {
		return err
	}
	return p.privileged(`const tip = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
		if (!tip.beginInputTransactionForTests(window)) throw new Error("another input method is at work");
		const { windowUtils } = window; // it learns later than the page that a field has the focus
		for (let tries = 0; windowUtils.IMEStatus !== windowUtils.IME_STATUS_ENABLED && tries < 200; tries++) await new Promise(done => window.setTimeout(done, 25));
		const text = ` + string(quoted) + `, enter = new window.KeyboardEvent("", { key: "Enter", code: "Enter", keyCode: 13 });
		tip.setPendingCompositionString(text);
		tip.appendClauseToPendingComposition(text.length, tip.ATTR_RAW_CLAUSE);
		tip.setCaretInPendingComposition(text.length);
		tip.flushPendingComposition();
		tip.commitCompositionWith(text, enter);
		tip.keyup(enter);`)
}

// disableScript has the effect of "Disable JavaScript" in the developer tools. Firefox does not
// have the BiDi command emulation.setScriptingEnabled yet.
func (p *firefoxPage) disableScript() error {
	p.sandbox = "test"
	return p.privileged("window.gBrowser.selectedBrowser.browsingContext.allowJavascript = false;")
}

// setCookie implements page.
func (p *firefoxPage) setCookie(domain, name, value string) error {
	return commandFirefox("storage.setCookie", object{
		"cookie":    object{"domain": domain, "name": name, "value": object{"type": "string", "value": value}, "path": "/", "httpOnly": true, "sameSite": "lax"},
		"partition": object{"type": "storageKey", "userContext": p.user},
	}, nil)
}

// connected implements page.
func (p *firefoxPage) connected(on bool) error {
	conditions := any(object{"type": "offline"})
	if on {
		conditions = nil
	}
	return commandFirefox("emulation.setNetworkConditions", object{"contexts": []string{p.context}, "networkConditions": conditions}, nil)
}

// activation is held while a page of Firefox has to be the active one.
var activation sync.Mutex

// privileged executes statements with the privileges of the browser. In them, window is the
// browser window that shows the page. Pages take turns, because it is found as the last active one.
func (p *firefoxPage) privileged(statements string) error {
	activation.Lock()
	defer activation.Unlock()
	if err := p.call("browsingContext.activate", object{}); err != nil {
		return err
	}
	_, err := evalFirefox(object{"context": sharedFirefox.chrome}, `(async window => {
		`+statements+`
		return "";
	})(Services.wm.getMostRecentWindow("navigator:browser"))`)
	return err
}
