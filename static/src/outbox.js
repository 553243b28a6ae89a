// Where chat lines wait that the desk has not answered: in the browser, so that
// they outlive their tab. A line belongs to the tab that it was written in (a lock
// says so while that is open); another shows it, and sends nothing unasked.
import { mine } from './dom.js';

const kept = 30 * 24 * 3600 * 1000; // what nobody came back for goes then, in milliseconds
const held = new Map(); // id → lets go of the line's lock

const below = chat => mine(`${chat}:line:`);
const tabs = chat => mine(`${chat}:outbox`); // the numbers of this tab's own lines
const own = chat => (sessionStorage.getItem(tabs(chat)) ?? '').split(' ').filter(Boolean);

function note(chat, id, yes) {
  const rest = own(chat).filter(other => other !== id);
  sessionStorage.setItem(tabs(chat), (yes ? [...rest, id] : rest).join(' '));
}

/** Keeps a line as it is now, for this tab. Without a secure context there are no
 * locks; the desk stores a line once, however many tabs send it. */
export function keep(chat, line) {
  const name = below(chat) + line.id;
  if (!held.has(line.id)) {
    held.set(line.id, () => {});
    navigator.locks?.request(name, () => new Promise(done => { held.set(line.id, done); }));
  }
  try {
    localStorage.setItem(name, JSON.stringify(line));
    note(chat, line.id, true);
  } catch { /* a full store: the line is still on the page */ }
}

/** Forgets a line: it is stored at the desk, or nobody wants it any more. */
export function drop(chat, { id }) {
  localStorage.removeItem(below(chat) + id);
  note(chat, id, false);
  held.get(id)?.();
  held.delete(id);
}

/** Gives take(line, isOwn) each line that waits and is in no other tab's hands, oldest first. */
export function find(chat, take) {
  sweep();
  const names = Object.keys(localStorage).filter(name => name.startsWith(below(chat)));
  const ours = own(chat);
  const at = name => read(name)?.at ?? 0;
  for (const name of names.sort((a, b) => at(a) - at(b))) {
    const id = name.slice(below(chat).length);
    const isOwn = ours.includes(id);
    const mayTake = lock => {
      const line = lock === null ? null : read(name); // it may have gone meanwhile
      if (!line) return;
      const over = new Promise(done => { held.set(id, done); });
      take(line, isOwn);
      return over;
    };
    // A page that is loaded again can be here before it has let go of its lines.
    if (navigator.locks) navigator.locks.request(name, { ifAvailable: !isOwn }, mayTake);
    else mayTake();
  }
}

function read(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

function sweep() {
  for (const name of Object.keys(localStorage)) {
    if (/^draft:\d+:.*:line:/.test(name) && !(Date.now() - read(name)?.at < kept)) localStorage.removeItem(name);
  }
}
