// A ticket with its comments and its chat.
import { io } from "socket.io-client";
import { currentUser, getToken, request } from "./api.js";
import { SOCKET_URL } from "./config.js";
import { element, field, form } from "./dom.js";

export async function show(id) {
  const ticket = await request("GET", `/tickets/${id}`);
  return [element("h1", {}, `#${id} ${ticket.subject}`), element("p", { id: "status" }, ticket.status), element("p", {}, ticket.description),
    attachment(ticket), element("a", { href: `#/tickets/${id}/edit` }, "Edit"), ...await comments(id), ...await chat(id)];
}

function attachment(ticket) {
  if (!ticket.attachment) return element("p", { id: "file" }, "No file");
  return element("p", { id: "file" }, element("a", { href: SOCKET_URL + ticket.attachment, target: "_blank" }, ticket.attachment.split("/").pop()));
}

async function comments(id) {
  const row = (c) => element("li", {}, c.text);
  const all = element("ul", { id: "comments" }, ...(await request("GET", `/tickets/${id}/comments`)).map(row));
  const submit = async (data, f) => {
    all.append(row(await request("POST", `/tickets/${id}/comments`, { text: data.get("comment") })));
    f.reset();
  };
  return [element("h2", {}, "Comments"), all, form("Add comment", submit, field("comment"))];
}

let socket;

async function chat(id) {
  socket?.disconnect();
  socket = io(SOCKET_URL, { withCredentials: true, auth: { token: getToken() } });
  const log = element("ul", { id: "chat" }), problem = element("p", { id: "chat-problem" });
  const shown = new Set();
  const add = (m) => {
    if (shown.has(m.id)) return; // the history and the socket can bring the same message
    shown.add(m.id);
    log.append(element("li", {}, `${m.senderId === currentUser().id ? "You" : m.sender.username}: ${m.message}`));
  };
  socket.emit("join-room", id);
  const early = [];
  socket.on("message", (m) => early.push(m));
  socket.on("connect_error", (error) => { problem.textContent = error.message; });
  socket.on("connect", () => { problem.textContent = ""; });
  (await request("GET", `/tickets/${id}/messages`)).forEach(add);
  early.forEach(add);
  socket.off("message").on("message", add);
  const submit = (data, f) => {
    socket.emit("message", { ticketId: id, message: data.get("message"), senderId: currentUser().id });
    f.reset();
  };
  return [element("h2", {}, "Chat"), log, problem, form("Send", submit, field("message", { autocomplete: "off" }))];
}
