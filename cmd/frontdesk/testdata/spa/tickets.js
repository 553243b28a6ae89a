// The list of tickets, the form of a ticket, and the list of admins.
import { currentUser, request } from "./api.js";
import { choice, element, field, form } from "./dom.js";

const categories = ["Billing", "Technical", "General"];
const priorities = ["Low", "Medium", "High", "Urgent"];
const statuses = ["OPEN", "IN_PROGRESS", "RESOLVED", "CLOSED"];

const link = (t) => element("a", { href: `#/tickets/${t.id}` }, `#${t.id} ${t.subject}`);

export async function list() {
  const tickets = await request("GET", "/tickets");
  const rows = tickets.map((t) => element("li", {}, link(t), ` ${t.status} ${t.priority}`));
  return [element("h1", {}, "Tickets"), element("ul", { id: "tickets" }, ...rows)];
}

function fields(t = {}) {
  return [field("subject", { value: t.subject ?? "" }), field("description", { value: t.description ?? "" }, "textarea"),
    choice("category", categories, t.category), choice("priority", priorities, t.priority), field("attachment", { type: "file" })];
}

/** Removes the attachment from a form if no file is chosen: browsers send an empty file. */
function withoutEmptyFile(data) {
  if (!data.get("attachment")?.size) data.delete("attachment");
  return data;
}

export function create() {
  const submit = async (data) => {
    const { id } = await request("POST", "/tickets", withoutEmptyFile(data));
    location.hash = `#/tickets/${id}`;
  };
  return [element("h1", {}, "New ticket"), form("Create", submit, ...fields())];
}

export async function edit(id) {
  const ticket = await request("GET", `/tickets/${id}`);
  const submit = async (data) => {
    await request("PUT", `/tickets/${id}`, withoutEmptyFile(data));
    location.hash = `#/tickets/${id}`;
  };
  const remove = field("removeAttachment", { type: "checkbox", value: "true" });
  return [element("h1", {}, `Edit #${id}`), form("Save", submit, ...fields(ticket), remove)];
}

export async function admin() {
  if (currentUser()?.role !== "ADMIN") return [element("h1", {}, "For admins")];
  const tickets = await request("GET", "/tickets");
  const rows = tickets.map((t) => {
    const status = choice(`status-${t.id}`, statuses, t.status);
    status.addEventListener("change", async (event) => {
      const changed = await request("PATCH", `/tickets/${t.id}/status`, { status: event.target.value });
      saved.textContent = `#${changed.id} is ${changed.status}`;
    });
    return element("li", {}, link(t), status);
  });
  const saved = element("p", { id: "saved" });
  return [element("h1", {}, "All tickets"), element("ul", { id: "tickets" }, ...rows), saved];
}
