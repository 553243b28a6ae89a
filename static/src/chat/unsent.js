// Stores chat messages in the browser until the server has accepted them, so that they
// outlive their tab. A message belongs to the tab in which it was written, which holds a lock
// while it is open. Another tab shows the message, and sends it only on the user's request.
import { userKey } from '../lib/dom.js';
import { storedPrefix } from '../ticket/load-chat.js';

const maxAge = 30 * 24 * 3600 * 1000; // milliseconds after which an unsent message is removed
const releases = new Map(); // id → the function that releases the lock of the message

const ownKey = chat => userKey(`${chat}:outbox`); // the ids of this tab's own messages; open tabs have this older name
const ownIDs = chat => (sessionStorage.getItem(ownKey(chat)) ?? '').split(' ').filter(Boolean);

function setOwn(chat, id, isOwn) {
  const others = ownIDs(chat).filter(other => other !== id);
  sessionStorage.setItem(ownKey(chat), (isOwn ? [...others, id] : others).join(' '));
}

/** Stores a message for this tab, or its new state. Without a secure context there are no
 * locks; the server stores a message once, even if several tabs send it. */
export function keep(chat, message) {
  const name = storedPrefix(chat) + message.id;
  if (!releases.has(message.id)) {
    releases.set(message.id, () => {});
    navigator.locks?.request(name, () => new Promise(done => { releases.set(message.id, done); }));
  }
  try {
    localStorage.setItem(name, JSON.stringify(message));
    setOwn(chat, message.id, true);
  } catch { /* the storage is full: the message is still on the page */ }
}

/** Removes a message: the server has stored it, or the user discarded it. */
export function drop(chat, { id }) {
  localStorage.removeItem(storedPrefix(chat) + id);
  setOwn(chat, id, false);
  releases.get(id)?.();
  releases.delete(id);
}

/** Calls take(message, isOwn) for each stored message that no other tab holds, oldest first. */
export function find(chat, take) {
  removeOld();
  const sentAt = name => read(name)?.at ?? 0;
  const names = Object.keys(localStorage).filter(name => name.startsWith(storedPrefix(chat))).sort((a, b) => sentAt(a) - sentAt(b));
  const own = ownIDs(chat);
  for (const name of names) {
    const id = name.slice(storedPrefix(chat).length);
    const isOwn = own.includes(id);
    const withLock = lock => {
      const message = lock === null ? null : read(name); // it may have been sent in the meantime
      if (!message) return;
      const released = new Promise(done => { releases.set(id, done); });
      take(message, isOwn);
      return released;
    };
    // A page that is reloaded can be here before its old copy has released the locks.
    if (navigator.locks) navigator.locks.request(name, { ifAvailable: !isOwn }, withLock);
    else withLock();
  }
}

function read(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

function removeOld() {
  const mark = storedPrefix('').slice(userKey('').length); // in the names of the messages of all users
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith('draft:') && name.includes(mark) && !(Date.now() - read(name)?.at < maxAge)) localStorage.removeItem(name);
  }
}
