// What the cases of cases.mjs share: requests to the API, clients, and requests to the test.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

export const [, , base, adminEmail, adminPassword, ...names] = process.argv;

/** Sends a request to the API and returns the JSON of the answer. */
export async function api(method, path, { token, body, want = 200 } = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(base + "/api" + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.equal(answer.status, want, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** Registers a customer and returns the token. */
export async function register(username) {
  const email = `${username}@example.org`;
  return (await api("POST", "/auth/register", { body: { username, email, password: "three unrelated words" }, want: 201 })).token;
}

export const idOf = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).id;

/** Opens a ticket and returns its id. */
export async function openTicket(token) {
  const body = { subject: "Invoice 2207", description: "It has our old address.", category: "Billing", priority: "High" };
  return (await api("POST", "/tickets", { token, body, want: 201 })).id;
}

/** Returns the texts of the stored messages of a ticket. */
export async function stored(token, id) {
  return (await api("GET", `/tickets/${id}/messages`, { token })).map((m) => m.message);
}

/** Posts a message with the API, not with Socket.IO. */
export const post = (token, id, message) => api("POST", `/tickets/${id}/messages`, { token, body: { message }, want: 201 });

const open = new Set();

/** A client that is connected and in the room of a ticket. It keeps the texts that it gets. */
export class Client {
  texts = [];
  #token; #id; #waiting = [];

  constructor(token, id, options = {}) {
    this.#token = token;
    this.#id = id;
    this.socket = io(base, { forceNew: true, reconnectionDelay: 100, withCredentials: true, auth: { token }, ...options });
    open.add(this.socket);
    this.socket.on("message", (m) => { this.texts.push(m.message); this.#wake(); });
    this.socket.on("connect", () => this.#wake());
    this.socket.io.on("reconnect_attempt", () => this.#wake());
  }

  /** Enters the room as a client of the first system does: once, and never again. */
  static async join(token, id, options) {
    const c = new Client(token, id, options);
    const answer = await c.socket.timeout(20_000).emitWithAck("join-room", id);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    return c;
  }

  get transport() { return this.socket.io.engine.transport.name; }

  #wake() { for (const wake of this.#waiting.splice(0)) wake(); }

  /** Waits until a condition holds, which events of the client can change. It fails after 30 seconds. */
  async until(condition) {
    let isLate = false;
    const timer = setTimeout(() => { isLate = true; this.#wake(); }, 30_000);
    while (!condition()) {
      assert.ok(!isLate, `waited in vain for ${condition}; the client has ${JSON.stringify(this.texts)}`);
      await new Promise((wake) => this.#waiting.push(wake));
    }
    clearTimeout(timer);
  }

  /** Waits for exactly these texts since the client was created. */
  async has(texts) {
    await this.until(() => this.texts.length >= texts.length);
    assert.deepEqual(this.texts, texts);
  }

  /** Sends a message until it is acknowledged, as a program does that must not lose any. */
  async deliver(message) {
    const event = { ticketId: this.#id, message, senderId: idOf(this.#token), clientMsgId: message };
    for (;;) {
      try {
        if ((await this.socket.timeout(3000).emitWithAck("message", event)).ok) return;
      } catch { /* cut, or no answer in time */ }
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}

/** Disconnects all clients. */
export function disconnectAll() {
  for (const socket of open) socket.disconnect();
  open.clear();
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks the test to do something, such as restarting the server, and waits until it is done. */
export async function ask(what) {
  console.log("do " + what);
  const { value } = await answers.next();
  assert.equal(value, "done");
}
