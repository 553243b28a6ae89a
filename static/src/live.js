// A ticket's page follows the ticket's log. Its root says where it stands
// (data-place); what comes is put in only where it begins exactly there.
import { lost, found, ended } from './banner.js';
import { steady } from './steady.js';
import { connect } from './socket.js';
import { isWriting, markSeen } from './arrive.js';

export const root = document.getElementById('ticket');
/** Earlier entries stand still: only the page that shows the end of the log follows it. */
export const live = Boolean(root?.dataset.chat);
export const place = () => Number(root.dataset.place);
export const sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));

let socket = null;
let connection = 'down'; // as socket.js tells it
let up = true; // the desk answers, one way or the other
let over = false;
let polling = 0; // the timer of the next poll; -1 while one is under way; 0: none is needed

/** Tells the other modules: live:news (rows that came), live:up (the desk answers again),
 * live:over (nothing more comes, with the code that says why). */
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

function answers(yes) {
  if (over || up === yes) return;
  up = yes;
  if (!up) return lost();
  found();
  if (connection !== 'open') socket.again();
  tell('up');
}

function end(code) {
  over = true;
  stopPolling();
  ended(code);
  tell('over', { code });
}

// ---- what comes, one after the other

let ahead = Promise.resolve(); // what the next news waits for
let putting = Promise.resolve();

/** Lets news wait for an answer that is on its way, though not for long. */
export const waitFor = promise => { ahead = Promise.race([promise, sleep(400)]); };

const take = text => putting = putting.then(() => apply(text)).catch(error => console.error(error));

async function apply(text) {
  const head = new DOMParser().parseFromString(text.slice(0, text.indexOf('>') + 1), 'text/html').body.firstElementChild?.dataset ?? {};
  if ('now' in head) return put(text);
  await ahead;
  const [from, to, here] = [Number(head.from), Number(head.to), place()];
  if (from > here || (from < here && to > here)) ask();
  if (from !== here) return;
  const rows = put(text);
  root.dataset.place = to;
  // A comment that is being written, or waits, was begun before these came: sent, it
  // is stopped once so that they are read.
  const seen = document.querySelector('.composer form:not([data-waiting]) [name=seen]');
  if (seen && !isWriting()) seen.value = Math.max(seen.value, to);
  if (to > from) {
    mayAskFacts(from, text);
    tell('news', { rows });
  }
  tellSeen();
}

/** Changes the page and keeps what one looks at where it is; gives the rows that came.
 * What is left to do afterwards is settling, which a hidden tab does once a minute. */
function put(text) {
  const ctx = { text, sourceElement: document.body, swap: 'none', live: true };
  const correct = steady();
  htmx.swap(ctx).catch(error => console.error(error));
  markSeen();
  if (!ctx.rows) throw new Error('the news could not be put in');
  correct(ctx.rows);
  return ctx.rows;
}

// ---- asking

let running = null;
let next = null;

/** Asks for what follows the place; resolves with whether there was anything. A
 * question that comes while another is under way is asked after it. */
export function ask() {
  if (over) return Promise.resolve(false);
  if (!running) return running = fetchNews().finally(() => { running = null; });
  return next ??= running.then(() => { next = null; return ask(); });
}

async function fetchNews() {
  const before = place();
  try {
    for (let more = true; more;) {
      const here = place();
      const seen = document.hidden ? '' : `&seen=${here}`;
      const answer = await fetch(`${root.dataset.events}?after=${here}${seen}`, {
        headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }, signal: AbortSignal.timeout(10_000),
      });
      if (answer.status === 401 || answer.status === 404) end(answer.status + 4000);
      if (!answer.ok) return answers(answer.status < 500), false;
      const text = await answer.text();
      answers(true);
      await take(text);
      more = /^[^>]*\bdata-more\b/.test(text) && place() > here;
    }
  } catch {
    answers(false);
  }
  return place() > before;
}

function startPolling() {
  if (polling === 0 && !over) poll();
}

async function poll() {
  clearTimeout(polling);
  polling = -1;
  await ask();
  if (polling !== -1) return;
  polling = setTimeout(poll, (document.hidden ? 30_000 : 5000) * (0.9 + 0.2 * Math.random()));
}

function stopPolling() {
  clearTimeout(polling);
  polling = 0;
}

/** After a deed of one's own: what it changed comes by the socket, or is asked for. */
export async function catchUp() {
  if (!live) return;
  const before = place();
  if (connection !== 'open') return void ask();
  await sleep(1500);
  if (place() === before && await ask()) socket.again(true); // it is open and brings nothing
}

// ---- what stands beside the log

let known = 0; // the place up to which its facts are known
let facts = 0; // the timer of the question for them

/** Chat lines come without the ticket's facts, though some of these change with them:
 * they are asked for when the talk pauses. */
function mayAskFacts(from, text) {
  clearTimeout(facts);
  if (text.includes('hx-target="#ticket-head"')) known = 0;
  else known ||= from;
  if (known) facts = setTimeout(askFacts, 2000 + 1000 * Math.random());
}

async function askFacts() {
  if (over || document.hidden) return; // looked for when somebody looks
  const [since, here] = [known, place()];
  try {
    const answer = await fetch(`${root.dataset.events}?after=${here}&facts=${since}`, {
      headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }, signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok || place() !== here) return;
    known = 0;
    await take(await answer.text());
  } catch { /* the next line asks again */ }
}

// ---- the socket

function state(now, code) {
  connection = now;
  if (now === 'open') {
    stopPolling();
    answers(true);
    told = 0;
    tellSeen();
    return;
  }
  for (const id of ['presence', 'colleagues']) document.getElementById(id)?.replaceChildren(); // nobody knows
  if (now === 'over' && code !== 1008) return end(code);
  if (now === 'down') answers(false);
  else startPolling();
}

export const send = message => socket?.send(message);

let told = 0; // the place that the desk knows this page to have shown
let telling = 0;

function tellSeen() {
  if (telling || document.hidden || connection !== 'open' || place() <= told) return;
  told = place();
  send({ type: 'seen', seq: told });
  telling = setTimeout(() => { telling = 0; tellSeen(); }, 1000);
}

let hidden = 0; // when the tab went out of sight

if (live) {
  socket = connect(() => `${root.dataset.chat}?after=${place()}`, {
    message: text => { if (!text.startsWith('{')) take(text); },
    state,
  });
  addEventListener('offline', () => { answers(false); lost(true); ask(); }); // browsers err about this
  addEventListener('online', () => ask());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { hidden = Date.now(); return; }
    tellSeen();
    if (known) askFacts();
    // After a long sleep a socket can look open that leads nowhere.
    if (polling > 0) poll();
    else if (Date.now() - hidden > 60_000) ask();
  });
}
