// A client of the API of the first system, written only from its README. Its argument is the
// address; it prints a line for each step, and exits with 1 at the first unexpected answer.
import assert from "node:assert/strict";

const [, , base, adminEmail, adminPassword] = process.argv;

async function ask(method, path, { token, json, form, want = 200 } = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (json) headers["Content-Type"] = "application/json";
  const answer = await fetch(base + path, { method, headers, body: json ? JSON.stringify(json) : form });
  const text = await answer.text();
  assert.equal(answer.status, want, `${method} ${path}: ${answer.status} ${text}`);
  if (want === 204) return assert.equal(text, "");
  return path.startsWith("/uploads/") ? text : JSON.parse(text);
}

function form(fields, file, name) {
  const f = new FormData();
  for (const [key, value] of Object.entries(fields)) f.set(key, value);
  if (file) f.set(name ?? "attachment", new Blob([file], { type: "text/plain" }), "invoice.txt");
  return f;
}

// socket opens a socket on a ticket as a browser does, which cannot send a header.
async function socket(id, token) {
  const { ticket } = await ask("POST", "/api/ws-ticket", { token, want: 201 });
  const ws = new WebSocket(`${base.replace("http", "ws")}/api/tickets/${id}/chat?ticket=${ticket}`);
  const heard = [], waiting = [];
  ws.addEventListener("message", (e) => {
    heard.push(JSON.parse(e.data));
    for (const wake of waiting.splice(0)) wake();
  });
  await new Promise((opened, failed) => { ws.addEventListener("open", opened); ws.addEventListener("error", failed); });
  return {
    emit: (event, data) => ws.send(JSON.stringify({ event, data })),
    async next(event) {
      for (;;) {
        const at = heard.findIndex((h) => h.event === event);
        if (at >= 0) return heard.splice(at, 1)[0].data;
        await new Promise((wake) => waiting.push(wake));
      }
    },
    close: () => ws.close(),
  };
}

const step = (text) => console.log("ok " + text);
setTimeout(() => { console.error("it takes too long"); process.exit(1); }, 30_000).unref();

assert.deepEqual(await ask("GET", "/health"), { ok: true });
step("health");

const ana = { username: "Ana", email: "ana@example.org", password: "three unrelated words" };
await ask("POST", "/api/auth/register", { json: ana, want: 201 });
await ask("POST", "/api/auth/register", { json: ana, want: 409 });
await ask("POST", "/api/auth/register", { json: { ...ana, email: "none" }, want: 400 });
step("register");

const { token } = await ask("POST", "/api/auth/login", { json: { email: ana.email, password: ana.password } });
await ask("POST", "/api/auth/login", { json: { email: ana.email, password: "wrong" }, want: 401 });
const { token: admin } = await ask("POST", "/api/auth/login", { json: { email: adminEmail, password: adminPassword } });
await ask("GET", "/api/tickets", { want: 401 });
step("login");

const fields = { subject: "Invoice 2207", description: "It has our old address.", category: "Billing", priority: "High" };
const made = await ask("POST", "/api/tickets", { token, form: form(fields, "the invoice"), want: 201 });
for (const [key, value] of Object.entries(fields)) assert.equal(made[key], value);
assert.equal(made.status, "OPEN");
assert.equal(await ask("GET", made.attachment, { token }), "the invoice");
await ask("GET", made.attachment, { token: "rubbish", want: 401 });
step("create with a file");

const one = `/api/tickets/${made.id}`;
assert.deepEqual((await ask("GET", "/api/tickets", { token })).map((t) => t.id), [made.id]);
assert.ok((await ask("GET", "/api/tickets", { token: admin })).some((t) => t.id === made.id));
assert.equal((await ask("GET", one, { token })).subject, fields.subject);
await ask("GET", "/api/tickets/999999", { token, want: 403 });
step("list and read");

const changed = await ask("PUT", one, { token, form: form({ priority: "Urgent" }, "another") });
assert.equal(changed.priority, "Urgent");
assert.equal(changed.subject, fields.subject);
assert.notEqual(changed.attachment, made.attachment);
assert.equal((await ask("PUT", one, { token, form: form({ removeAttachment: "true" }) })).attachment, null);
assert.equal(await ask("GET", (await ask("POST", `${one}/attachment`, { token, form: form({}, "third", "file") })).attachment, { token }), "third");
step("update");

await ask("PATCH", `${one}/status`, { token, json: { status: "CLOSED" }, want: 403 });
assert.equal((await ask("PATCH", `${one}/status`, { token: admin, json: { status: "IN_PROGRESS" } })).status, "IN_PROGRESS");
step("status");

await ask("POST", `${one}/comments`, { token, json: { text: "One" }, want: 201 });
await ask("POST", `${one}/comments`, { token: admin, json: { text: "Two" }, want: 201 });
assert.deepEqual((await ask("GET", `${one}/comments`, { token })).map((c) => c.text), ["One", "Two"]);
step("comments");

const hers = await socket(made.id, token), theirs = await socket(made.id, admin);
hers.emit("join-room", made.id);
await hers.next("joined");
hers.emit("message", { ticketId: made.id, message: "Hello there", senderId: made.userId });
for (const ears of [hers, theirs]) {
  const line = await ears.next("message");
  assert.equal(line.message, "Hello there");
  assert.equal(line.senderId, made.userId);
}
theirs.emit("message", { ticketId: made.id, message: "Good morning" });
let line;
do line = await hers.next("message"); while (line.message !== "Good morning");
assert.equal(line.sender.role, "ADMIN");
hers.emit("message", { ticketId: made.id, message: "Not me", senderId: made.userId + 1 });
assert.equal((await hers.next("error")).error, "not_you");
assert.deepEqual((await ask("GET", `${one}/messages`, { token })).map((m) => m.message), ["Hello there", "Good morning"]);
hers.close();
theirs.close();
step("chat live");

await ask("DELETE", one, { token, want: 204 });
await ask("GET", one, { token, want: 403 });
assert.deepEqual(await ask("GET", "/api/tickets", { token }), []);
step("delete");
process.exit(0);
