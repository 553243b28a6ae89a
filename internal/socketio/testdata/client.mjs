// Uses a server with socket.io-client, as its documentation shows:
// node client.mjs NODE_MODULES URL SCENARIO
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";

const [modules, url, scenario] = process.argv.slice(2);
const { io } = createRequire(modules + "/")("socket.io-client");

// connect returns a socket that is connected, and the credentials that the server read.
async function connect(path, options) {
  const socket = io(url + path, { forceNew: true, ...options });
  const [auth] = await once(socket, "auth");
  assert.equal(socket.connected, true);
  return [socket, auth];
}

async function exchange(options, transport) {
  const [socket, auth] = await connect("/", { ...options, auth: { token: "123" } });
  assert.deepEqual(auth, { token: "123" });
  if (socket.io.engine.transport.name !== transport) {
    await once(socket.io.engine, "upgrade");
  }
  assert.equal(socket.io.engine.transport.name, transport);

  const values = [1, "2", { 3: [true, null] }, "Grüße, 世界 👋 \u2028 <b>", Buffer.from([1, 2, 3]), "x".repeat(50_000)];
  socket.emit("message", ...values);
  assert.deepEqual(await once(socket, "message-back"), values);
  assert.deepEqual(await socket.timeout(10_000).emitWithAck("message-with-ack", { a: 1 }), { a: 1 });
  assert.deepEqual(await socket.timeout(10_000).emitWithAck("message-with-ack", Buffer.from([4])), Buffer.from([4]));

  const got = [];
  const all = new Promise((done) => socket.on("message-back", (n) => got.push(n) === 200 && done()));
  for (let n = 0; n < 200; n++) {
    socket.emit("message", n);
  }
  await all;
  assert.deepEqual(got, [...Array(200).keys()]);

  for (let n = 0; n < 2; n++) {
    await once(socket.io, "ping");
  }
  assert.equal(socket.connected, true);
  socket.disconnect();
}

const scenarios = {
  polling: () => exchange({ transports: ["polling"] }, "polling"),
  websocket: () => exchange({ transports: ["websocket"] }, "websocket"),
  upgrade: () => exchange({ withCredentials: true }, "websocket"),

  // upgradeUnderLoad loses and doubles nothing while the transport changes.
  async upgradeUnderLoad() {
    const socket = io(url);
    const got = [];
    socket.on("message-back", (n) => got.push(n));
    let sent = 0;
    while (socket.io.engine.transport.name !== "websocket" || sent < 300) {
      if (sent - got.length < 100) {
        socket.emit("message", sent++);
      }
      await new Promise(setImmediate);
    }
    await socket.timeout(10_000).emitWithAck("message-with-ack", "last");
    assert.deepEqual(got, [...Array(sent).keys()]);
    socket.disconnect();
  },

  async namespaces() {
    const [main] = await connect("/", {});
    const custom = main.io.socket("/custom");
    const [auth] = await once(custom, "auth");
    assert.deepEqual(auth, {});
    custom.disconnect();
    assert.equal(await main.timeout(10_000).emitWithAck("message-with-ack", "still here"), "still here");
    const [error] = await once(main.io.socket("/random"), "connect_error");
    assert.equal(error.message, "Invalid namespace");
    main.disconnect();
  },

  async refused() {
    const socket = io(url, { auth: { token: "bad" } });
    const [error] = await once(socket, "connect_error");
    assert.equal(error.message, "Not authorized");
    assert.deepEqual(error.data, { code: 401 });
    assert.equal(socket.active, false);
  },

  async disconnected() {
    for (const transports of [["polling"], ["websocket"]]) {
      const [socket] = await connect("/", { transports });
      socket.emit("disconnect-me");
      assert.equal((await once(socket, "disconnect"))[0], "io server disconnect");
      assert.equal(socket.active, false);
    }
  },

  // recovered comes back with what the server needs to send what was missed.
  async recovered() {
    for (const transports of [["polling"], ["websocket"]]) {
      const [socket] = await connect("/", { transports, auth: { token: "recover" }, reconnectionDelay: 10 });
      assert.equal(socket.recovered, false);
      socket.emit("message", { text: "hello" }, "1042:17");
      assert.deepEqual(await once(socket, "message-back"), [{ text: "hello" }, "1042:17"]);
      socket.io.engine.close();
      const [auth] = await once(socket, "auth");
      assert.deepEqual(auth, { token: "recover", pid: "p1", offset: "1042:17" });
      assert.equal(socket.recovered, true);
      socket.disconnect();
    }
  },

  // restarted reconnects when the server was replaced.
  async restarted() {
    const sockets = [];
    for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
      const [socket] = await connect("/", { transports, reconnectionDelay: 10, reconnectionDelayMax: 200 });
      sockets.push(socket);
    }
    const again = sockets.map((socket) => once(socket, "auth"));
    console.log("connected");
    await Promise.all(again);
    for (const socket of sockets) {
      assert.equal(await socket.timeout(10_000).emitWithAck("message-with-ack", "back"), "back");
      socket.disconnect();
    }
  },
};

const slow = setTimeout(() => {
  console.log("the scenario did not end");
  process.exit(1);
}, 60_000);
await scenarios[scenario]();
clearTimeout(slow);
console.log("ok");
