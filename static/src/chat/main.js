// Sends chat messages (chat.js). Each message is on the page at once and is sent in order,
// one at a time, under a key of its own, and again until the server has answered. Messages
// that wait are stored in the browser (unsent.js). Signing out removes them.
import { announce } from '../lib/announcer.js';
import { userID } from '../lib/dom.js';
import '../lib/character-count.js';
import { scrollToNewest } from '../ticket/chat-scroll.js';
import { catchUp, endCode, requestUpdates } from '../ticket/live.js';
import { delayUpdates, lastSeq, root } from '../ticket/updates.js';
import { bubbleOf, draw } from './bubbles.js';
import { drop, find, keep } from './unsent.js';

// A message: { id, text, at (ms), tried, refused: the reason, seq: once the server has stored it,
// isShown: its entry came before the answer, isFound: another tab wrote it and is closed }
let messages = [];
let isSending = false;
let timer = 0;
let tries = 0;
let status = ''; // why the messages wait; "": they do not
const needsSignIn = 'Waiting for you to sign in again';
const needsConnection = 'Waiting for the connection';
// After the session has ended, another user may sign in: nothing is sent as that user.
let isSignedOut = endCode() === 4401;

const field = () => document.getElementById('message');
const waiting = () => messages.filter(({ seq, refused, isFound }) => !seq && !refused && !isFound);

/** Makes a 128-bit key in hexadecimal. randomUUID would need a secure context. */
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

function add(text) {
  const message = { id: newKey(), text, at: Date.now() };
  messages.push(message);
  keep(root.dataset.chat, message);
  draw(message, status);
  scrollToNewest();
  if (!status) sendNext();
}

function remove(message) {
  bubbleOf(message)?.remove();
  messages = messages.filter(other => other !== message);
  drop(root.dataset.chat, message);
}

/** Removes the messages whose entries are on the page. */
function removeShown() {
  for (const message of messages) if (message.seq && message.seq <= lastSeq()) remove(message);
}

/** Hides a message whose entry comes before the server's answer, or instead of it. */
function hideIfShown(rows) {
  const [message] = waiting();
  const plain = text => text.replace(/\s+/g, '');
  if (!message?.tried || message.isShown || !rows.some(({ kind, isMine, text }) => kind === 'message' && isMine && plain(text) === plain(message.text))) return;
  message.isShown = true;
  bubbleOf(message).hidden = true;
}

// ---- the buttons of a message

const actions = {
  edit(message) {
    remove(message);
    field().value = [message.text, field().value].filter(Boolean).join('\n');
  },
  // Under the key of a refused message the server may have stored another text: it gets a new key.
  retry(message) { remove(message); add(message.text); },
  // The server may have stored a found message already: it keeps its key.
  send(message) { message.isFound = false; keep(root.dataset.chat, message); draw(message, status); sendNext(); },
  discard: remove,
};

document.addEventListener('click', event => {
  const { action } = event.target.closest?.('.bubble [data-action]')?.dataset ?? {};
  const message = action && messages.find(({ id }) => id === event.target.closest('.bubble').dataset.message);
  if (!message) return;
  actions[action](message);
  field().focus();
});

// ---- sending

async function sendNext() {
  clearTimeout(timer);
  const [message] = waiting();
  if (isSending || isSignedOut || !message) return;
  isSending = message.tried = true;
  const patience = setTimeout(() => draw(message, status || needsConnection), Math.max(0, message.at + 1000 - Date.now()));
  const sending = post(message);
  delayUpdates(sending); // so that the message is not shown twice for a moment
  const outcome = await sending;
  clearTimeout(patience);
  isSending = false;
  settle(message, outcome);
}

function settle(message, { seq, refused, wait, reason }) {
  Object.assign(message, { seq, refused });
  status = isSignedOut ? needsSignIn : reason ?? '';
  if (wait === undefined) return answered(message);
  for (const other of waiting()) draw(other, status);
  if (wait === 0) requestUpdates(); // finds out whether the server can be reached
  if (wait !== Infinity) timer = setTimeout(sendNext, 1000 * (wait || Math.min(15, 2 ** tries++) * (0.7 + 0.6 * Math.random())));
}

function answered(message) {
  tries = 0;
  if (message.seq) {
    drop(root.dataset.chat, message);
    removeShown();
    if (message.seq > lastSeq()) catchUp();
  } else {
    keep(root.dataset.chat, message);
    draw(message);
    announce(`Not sent. ${message.refused}`);
  }
  return sendNext();
}

/** Sends one message. Resolves to its seq, or to refused (the reason), or to wait (seconds; 0: the
 * usual delay) and reason. */
async function post({ id, text }) {
  try {
    const response = await fetch(root.dataset.chat.replace(/chat$/, 'messages'), {
      method: 'POST', body: new URLSearchParams({ sender: userID(), text, submission_id: id }),
      headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(15_000),
    });
    if (response.status === 401) return { wait: Infinity, reason: needsSignIn };
    if (response.status === 429) return { wait: Number(response.headers.get('Retry-After')) || 5, reason: 'Too many messages at once; this one is sent in a moment' };
    if (response.status < 500) {
      const { seq, error, name } = await response.json();
      if (name === 'not_you') return { wait: Infinity, reason: needsSignIn };
      return seq ? { seq } : { refused: response.status === 404 ? 'This ticket is no longer here.' : error || 'The server did not accept it.' };
    }
  } catch { /* no complete answer: the message may be stored or not, so it is sent again under the same key */ }
  return { wait: 0, reason: needsConnection };
}

addEventListener('submit', event => {
  if (event.target.id !== 'chat-form') return;
  event.preventDefault();
  event.stopImmediatePropagation(); // the draft and the guard of the form are for page loads
  const text = field().value.trim();
  field().value = '';
  field().dispatchEvent(new Event('input', { bubbles: true }));
  field().focus({ preventScroll: true });
  for (const old of event.target.querySelectorAll('.notice, .field-error')) old.remove();
  if (text) add(text);
}, true);

document.addEventListener('live:updates', event => { removeShown(); hideIfShown(event.detail.rows); });
document.addEventListener('live:online', sendNext);
document.addEventListener('live:ended', event => {
  if (event.detail.code !== 4401) return;
  [isSignedOut, status] = [true, needsSignIn];
  for (const message of waiting()) draw(message, status);
});
if (isSignedOut) status = needsSignIn;

find(root.dataset.chat, (message, isOwn) => {
  messages.push(message);
  if (!isOwn) message.isFound = !message.refused;
  keep(root.dataset.chat, message);
  draw(message, needsConnection);
  if (isOwn) sendNext();
});
