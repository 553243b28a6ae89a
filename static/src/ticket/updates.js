// Puts new entries of the ticket's log into the page. The root element holds the sequence
// number of the last entry that is shown (data-seq). Updates are applied only if they begin at
// that number.
//
// Events on the document: live:updates (entries were added: rows, from, hasFacts), live:gap (updates
// were not applied, because entries before them are missing); from live.js also live:open (the
// socket is open), live:online (the server answers again) and live:ended (nothing more comes).
import { holdScroll } from './chat-scroll.js';
import { isWriting, markSeen } from './insert-entries.js';

export const root = document.getElementById('ticket');
/** Whether the page shows the end of the log. A page of earlier entries does not change. */
export const isLive = Boolean(root?.dataset.chat);
/** The sequence number of the last entry on the page. */
export const lastSeq = () => Number(root.dataset.seq);
export const sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));
export const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

let delay = Promise.resolve(); // the promise for which the next updates wait
let queue = Promise.resolve();

/** Lets updates wait for an answer to the user's own request, for at most 400 ms. */
export const delayUpdates = promise => { delay = Promise.race([promise, sleep(400)]); };

/** Applies updates (HTML) after all updates before it. Resolves when it is done, even if it failed. */
export const applyUpdates = text => queue = queue.then(() => apply(text)).catch(error => console.error(error));

async function apply(text) {
  const range = /^<div data-from="(\d+)" data-to="(\d+)"/.exec(text);
  if (!range) return insert(text); // presence: it is not part of the log
  await delay;
  const [from, to] = range.slice(1).map(Number);
  const last = lastSeq();
  if (from > last || (from < last && to > last)) emit('gap');
  if (from !== last) return;
  const rows = insert(text);
  root.dataset.seq = to;
  updateSeenField(to);
  if (to > from) emit('updates', { rows, from, hasFacts: text.includes('hx-target="#ticket-head"') });
}

// The server stops a comment once if there are entries that its author has not seen. While a
// comment is being written or waits, the field keeps the value from before.
function updateSeenField(seq) {
  const seen = document.querySelector('.composer form:not([data-waiting]) [name=seen]');
  if (seen && !isWriting()) seen.value = Math.max(seen.value, seq);
}

/** Swaps updates in and restores the scroll positions. Returns the added rows. The promise of
 * htmx.swap is for settling, which a hidden tab does once a minute, so nothing waits for it. */
function insert(text) {
  const ctx = { text, sourceElement: document.body, swap: 'none', hasUpdates: true };
  const restore = holdScroll();
  htmx.swap(ctx).catch(error => console.error(error));
  markSeen();
  if (!ctx.rows) throw new Error('updates not inserted');
  restore(ctx.rows);
  return ctx.rows;
}
