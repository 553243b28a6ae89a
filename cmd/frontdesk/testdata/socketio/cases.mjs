// Programs with socket.io-client against a desk. Arguments: the address, the e-mail address and
// password of an admin, and the names of cases. It prints "ok" and the name of each case that
// holds, and ends with 1 at the first that does not.
import assert from "node:assert/strict";
import { adminEmail, adminPassword, api, ask, Client, disconnectAll, idOf, names, openTicket, post, register, stored } from "./desk.mjs";

/** Two users chat over one kind of connection, while the API is used as well. */
async function chat({ ana, admin, id }, options) {
  const hers = await Client.join(ana, id, options), theirs = await Client.join(admin, String(id), options);
  hers.socket.emit("message", { ticketId: id, message: "1", senderId: idOf(ana) });
  await theirs.has(["1"]);
  theirs.socket.emit("message", { ticketId: id, message: "2", senderId: idOf(admin) });
  await hers.has(["1", "2"]);
  await post(ana, id, "3");
  for (const c of [hers, theirs]) await c.has(["1", "2", "3"]);
  assert.deepEqual(await stored(ana, id), ["1", "2", "3"]);
  return [hers, theirs];
}

/** Cuts the connection of a client, and waits until it is recovered. */
async function cut(client, meanwhile = async () => {}) {
  const before = client.socket.id;
  client.socket.io.engine.close();
  await meanwhile();
  await client.until(() => client.socket.connected && client.socket.id !== before);
  assert.equal(client.socket.recovered, true);
}

/** Sends numbered messages while the test does things, and checks that both clients get each once. */
async function disturb({ ana, admin, id }, things, options) {
  const listener = await Client.join(ana, id, options);
  const sender = await Client.join(admin, id, { transports: ["websocket"] });
  let sending = true;
  const sent = [];
  const flow = (async () => {
    for (let i = 1; sending; i++) {
      await sender.deliver(`message ${i}`);
      sent.push(`message ${i}`);
      await new Promise((wake) => setTimeout(wake, 5));
    }
  })();
  for (const thing of things) {
    const before = sent.length;
    await sender.until(() => sent.length > before + 5);
    await ask(thing);
    if (listener.socket.connected) listener.socket.io.engine.close(); // it comes back while the database is away
  }
  const before = sent.length;
  await sender.until(() => sent.length > before + 5);
  sending = false;
  await flow;
  for (const c of [listener, sender]) await c.has(sent);
  assert.deepEqual(await stored(ana, id), sent);
  assert.equal(listener.socket.recovered, true);
}

const changes = ["stop replica 0", "start replica 0", "stop replica 1", "start replica 1"];

const cases = {
  async "polling only"(room) {
    for (const c of await chat(room, { transports: ["polling"] })) assert.equal(c.transport, "polling");
  },

  async "websocket only"(room) {
    for (const c of await chat(room, { transports: ["websocket"] })) assert.equal(c.transport, "websocket");
  },

  async upgrade({ ana, id }) {
    const c = new Client(ana, id);
    c.socket.emit("join-room", id);
    let left = Infinity;
    c.socket.io.on("open", () => c.socket.io.engine.once("upgrade", () => { left = 20; }));
    const texts = []; // sent before, during and after the upgrade
    for (; left > 0; left--) {
      texts.push(String(texts.length));
      c.socket.emit("message", { ticketId: id, message: texts.at(-1) });
      await new Promise((wake) => setTimeout(wake, 2));
    }
    assert.equal(c.transport, "websocket");
    await c.has(texts);
    assert.deepEqual(await stored(ana, id), texts);
  },

  async acknowledgements({ ana, id, foreign }) {
    const c = await Client.join(ana, id);
    const send = (event, argument) => c.socket.timeout(10_000).emitWithAck(event, argument);
    const problem = () => new Promise((done) => c.socket.once("error_message", done));
    const joined = new Promise((done) => c.socket.once("joined", done));
    assert.deepEqual(await send("join-room", id), { ok: true, seq: 1 });
    assert.deepEqual(await joined, { ticketId: id, seq: 1 });
    const answer = await send("message", { ticketId: id, message: "Hello there", senderId: idOf(ana), clientMsgId: "a" });
    assert.deepEqual({ ok: answer.ok, seq: answer.seq, id: typeof answer.id }, { ok: true, seq: 2, id: "number" });
    assert.deepEqual(await send("message", { ticketId: id, message: "Hello there", clientMsgId: "a" }), answer);
    for (const [event, argument, error] of [
      ["join-room", foreign, "not_found"], ["message", { ticketId: foreign, message: "x" }, "not_found"],
      ["message", { ticketId: id, message: "x", senderId: idOf(ana) + 1 }, "not_you"], ["shout", "x", "unknown_event"],
    ]) {
      const told = problem();
      const refused = await send(event, argument);
      assert.equal(refused.error, error);
      assert.deepEqual(await told, refused);
    }
    assert.deepEqual(await stored(ana, id), ["Hello there"]);
  },

  async "wrong tokens"({ ana, id }) {
    for (const transports of [["polling"], ["websocket"]]) {
      for (const [auth, sentence] of [
        [undefined, /^Not authorized: connect with io\(url, \{ auth: \{ token \} \}\)/],
        [{ token: ana.slice(0, -2) }, /^Not authorized: the token has ended or is not valid\./],
      ]) {
        const c = new Client(ana, id, { auth, transports });
        const error = await new Promise((done) => c.socket.on("connect_error", done));
        assert.match(error.message, sentence);
        assert.equal(c.socket.active, false); // it does not try again by itself
      }
    }
  },

  async recovery({ ana, admin, id }) {
    const clients = [];
    for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) clients.push(await Client.join(ana, id, { transports }));
    for (const c of clients) await cut(c, () => post(admin, id, "before a message")); // since it joined
    await post(admin, id, "2");
    const texts = ["before a message", "before a message", "before a message", "2"];
    for (const c of clients) await c.has(texts);
    for (const c of clients) {
      await cut(c, async () => { for (const text of ["a", "b"]) { await post(admin, id, text); texts.push(text); } });
    }
    await post(admin, id, "last");
    for (const c of clients) await c.has([...texts, "last"]);
  },

  async "the sample of the first system"({ ana, id }) {
    Object.assign(globalThis, { ticketId: id, currentUserId: idOf(ana), token: ana });
    const log = console.log;
    const printed = new Promise((done) => { console.log = (...what) => done(what); });
    await import("./sample.mjs");
    const [word, payload] = await printed;
    console.log = log;
    assert.equal(word, "Received");
    assert.equal(payload.message, "Hello there");
    assert.equal(payload.senderId, idOf(ana));
    assert.deepEqual(await stored(ana, id), ["Hello there"]);
  },

  "restarts, websocket": (room) => disturb(room, ["stop", "kill", "kill the database"], { transports: ["websocket"] }),
  "restarts, polling": (room) => disturb(room, ["stop", "kill", "kill the database"], { transports: ["polling"] }),

  async "replicas without affinity"(room) {
    const clients = await chat(room, { transports: ["websocket"] });
    for (const c of clients) await cut(c, () => post(room.ana, room.id, "meanwhile")); // and is at the other replica
    for (const c of clients) await c.has(["1", "2", "3", "meanwhile", "meanwhile"]);
  },
  "replicas with affinity, polling": (room) => disturb(room, changes, { transports: ["polling"] }),
  "replicas with affinity, upgrade": (room) => disturb(room, changes),
};

setTimeout(() => { console.error("it takes too long"); process.exit(1); }, 90_000).unref();

const admin = (await api("POST", "/auth/login", { body: { email: adminEmail, password: adminPassword } })).token;
const others = await openTicket(await register(`other-${process.pid}`));
for (const [n, name] of names.entries()) {
  const ana = await register(`ana-${process.pid}-${n}`);
  await cases[name]({ ana, admin, id: await openTicket(ana), foreign: others });
  disconnectAll();
  console.log("ok " + name);
}
process.exit(0);
