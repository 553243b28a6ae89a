// Chat lines leave by an outbox: each is on the page at once, goes to the desk in
// order, one at a time, under a number of its own, and again and again until the
// desk has answered. What waits survives a reload, and its tab (see outbox.js);
// signing out drops it.
import { markSeen } from './arrive.js';
import { ask, catchUp, live, place, root, waitFor } from './live.js';
import { clock, icon, make, user } from './dom.js';
import { drop, find, keep } from './outbox.js';
import { say } from './say.js';
import { steady, toFoot } from './steady.js';

let lines = []; // { id, text, at, tried, refused: the desk's words, seq: its place once it is stored, here: its entry came first, found: of a tab that is closed }
let busy = false;
let timer = 0;
let tries = 0;
let why = ''; // the lines wait, and for what
let left = false; // whoever wrote here has been signed out, and somebody else may be signed in by now
const signIn = 'Waiting for you to sign in again';

const field = () => document.getElementById('line');

/** A new number, made where no secure context may be assumed. */
const number = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

function add(text) {
  const line = { id: number(), text, at: Date.now() };
  lines.push(line);
  keep(root.dataset.chat, line);
  draw(line, why);
  toFoot();
  if (!why) flush();
}

// ---- on the page

const row = line => document.querySelector(`[data-line="${line.id}"]`);

function draw(line, words = '') {
  const old = row(line);
  const correct = steady();
  const state = line.refused || line.found ? 'failed' : 'sending';
  const text = line.text.split('\n').flatMap((part, i) => i ? [make('br'), part] : [part]);
  const made = make('li', { class: 'bubble is-mine', 'data-state': state, 'data-line': line.id },
    make('header', {}, make('b', {}, 'You'), ' ', clock(new Date(line.at))), make('p', { dir: 'auto' }, ...text));
  made.hidden = Boolean(line.here) && !line.refused;
  if (line.refused) made.append(make('footer', {}, icon('circle-alert'), `Not sent. ${line.refused}`), buttons(line));
  else if (line.found) made.append(make('footer', {}, icon('circle-alert'), 'Not sent yet.'), buttons(line));
  else if (words) made.append(make('footer', {}, icon('clock'), words));
  if (old) {
    old.replaceWith(made);
  } else {
    document.getElementById('chat-fold').open = true;
    document.getElementById('no-lines')?.remove();
    document.getElementById('chat-log').append(made);
  }
  markSeen();
  correct();
}

function button(words, act) {
  const made = make('button', { class: 'link', type: 'button' }, words);
  made.addEventListener('click', () => { act(); field().focus(); });
  return made;
}

function buttons(line) {
  const change = button('Edit', () => {
    forget(line);
    field().value = [line.text, field().value].filter(Boolean).join('\n');
  });
  // Under the number of a refused line something else may be stored; a found one may be stored itself.
  if (line.refused) return make('p', { class: 'btn-row' }, button('Try again', () => { forget(line); add(line.text); }), change);
  const send = button('Send now', () => { line.found = false; keep(root.dataset.chat, line); draw(line, why); flush(); });
  return make('p', { class: 'btn-row' }, send, change, button('Discard', () => forget(line)));
}

function forget(line) {
  row(line)?.remove();
  lines = lines.filter(other => other !== line);
  drop(root.dataset.chat, line);
}

// A line has arrived when its entry is on the page.
function shown() {
  for (const line of lines) if (line.seq && line.seq <= place()) forget(line);
}

// The entry of the line that is on its way can come before the desk's answer, or in its place.
function cameFirst(rows) {
  const [line] = waiting();
  const plain = text => text.replace(/\s+/g, '');
  if (!line?.tried || line.here || !rows.some(({ kind, mine, words }) => kind === 'line' && mine && plain(words) === plain(line.text))) return;
  line.here = true;
  row(line).hidden = true;
}

// ---- on the wire

const waiting = () => lines.filter(({ seq, refused, found }) => !seq && !refused && !found);

async function flush() {
  clearTimeout(timer);
  const [line] = waiting();
  if (busy || left || !line) return;
  busy = line.tried = true;
  const patience = setTimeout(() => draw(line, why || 'Waiting for the connection'), Math.max(0, line.at + 1000 - Date.now()));
  const sending = post(line);
  waitFor(sending); // so that the line is not there twice for a moment
  const outcome = await sending;
  clearTimeout(patience);
  busy = false;
  settle(line, outcome);
}

function settle(line, { seq, refused, wait, words }) {
  Object.assign(line, { seq, refused });
  why = left ? signIn : words ?? '';
  if (wait === undefined) {
    tries = 0;
    if (seq) drop(root.dataset.chat, line);
    else keep(root.dataset.chat, line);
    if (refused) draw(line), say(`Not sent. ${refused}`);
    if (seq) shown(), seq > place() && catchUp();
    return flush();
  }
  for (const other of waiting()) draw(other, why);
  if (wait === 0) ask(); // is the desk there at all?
  if (wait !== Infinity) timer = setTimeout(flush, 1000 * (wait || Math.min(15, 2 ** tries++) * (0.7 + 0.6 * Math.random())));
}

/** Sends one line. Gives its place, or why it was refused, or how long to wait (0: as usual). */
async function post({ id, text }) {
  try {
    const answer = await fetch(root.dataset.chat.replace(/chat$/, 'messages'), {
      method: 'POST', body: new URLSearchParams({ sender: user(), text, submission_id: id }),
      headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(15_000),
    });
    if (answer.status === 401) return { wait: Infinity, words: signIn };
    if (answer.status === 429) return { wait: Number(answer.headers.get('Retry-After')) || 5, words: 'Too many messages at once; this one is sent in a moment' };
    if (answer.status < 500) {
      const { seq, error, name } = await answer.json();
      if (name === 'not_you') return { wait: Infinity, words: signIn };
      return seq ? { seq } : { refused: answer.status === 404 ? 'This ticket is no longer here.' : error || 'The server did not accept it.' };
    }
  } catch { /* no answer, or half of one: it may be stored or not, so it goes again under the same number */ }
  return { wait: 0, words: 'Waiting for the connection' };
}

if (live) {
  addEventListener('submit', event => {
    if (event.target.id !== 'chat-form') return;
    event.preventDefault();
    event.stopImmediatePropagation(); // drafts and presses are not kept for what has gone
    const text = field().value.trim();
    field().value = '';
    field().dispatchEvent(new Event('input', { bubbles: true }));
    field().focus({ preventScroll: true });
    for (const old of event.target.querySelectorAll('.notice, .field-error')) old.remove();
    if (text) add(text);
  }, true);
  document.addEventListener('live:news', event => { shown(); cameFirst(event.detail.rows); });
  document.addEventListener('live:over', event => {
    if (event.detail.code !== 4401) return;
    [left, why] = [true, signIn];
    for (const line of waiting()) draw(line, why);
  });
  document.addEventListener('live:up', flush);
  find(root.dataset.chat, (line, isOwn) => {
    lines.push(line);
    if (!isOwn) line.found = !line.refused;
    keep(root.dataset.chat, line);
    draw(line, 'Waiting for the connection');
    if (isOwn) flush();
  });
}
