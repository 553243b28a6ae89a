// Keeps a list up to date without moving it: rows change where they are, and new tickets
// wait behind a link. A socket reports that something changed; without a socket the list
// is requested every 20 seconds.
import { announce } from '../lib/announcer.js';
import { showBanner } from '../lib/banner.js';
import { showUnread } from '../lib/notification-count.js';
import { fetchFragment } from '../lib/requests.js';
import { holdPosition } from '../lib/scroll-anchor.js';
import { connect } from '../lib/socket.js';
import { keepHeights } from './open-rows.js';
import { rows } from './rows.js';

const interval = 3000; // the shortest time between two requests, in milliseconds
const hiddenInterval = 30_000; // the same in a hidden tab, where only the number in the title is seen
const pollInterval = 20_000; // without a socket

const list = () => document.getElementById('new-tickets');

let requestedAt = Date.now(); // the last request, or the loading of the page
let dueAt = 0; // the next request; 0: none is planned
let timer = 0;
let isRequesting = false;
let hasSkipped = false; // a row was left as it was
let connection = 'down'; // the state of the socket, see lib/socket.js

/** Plans a request for as soon as the interval allows, or for later. */
function plan(after = 0) {
  const earliest = requestedAt + (document.hidden ? hiddenInterval : interval);
  const at = Math.max(Date.now() + after, earliest) + 300 * Math.random();
  if (dueAt && dueAt <= at) return;
  dueAt = at;
  clearTimeout(timer);
  timer = setTimeout(update, at - Date.now());
}

/** Plans the next poll, unless the socket is open or the tab is hidden. */
function planPoll() {
  if (connection !== 'open' && connection !== 'over' && !document.hidden) plan(pollInterval * (0.9 + 0.2 * Math.random()));
}

async function update() {
  dueAt = 0;
  if (connection === 'over') return;
  if (isRequesting) return plan(interval);
  isRequesting = true;
  const isDone = await request().catch(() => false); // the server cannot be reached
  isRequesting = false;
  if (connection === 'over') return;
  if (!isDone) plan(pollInterval);
  else planPoll();
}

/** Requests the changes and applies them. Resolves to whether that succeeded. */
async function request() {
  const shown = list();
  if (!shown) return true;
  const { since } = shown.dataset;
  const address = new URL(shown.dataset.changes, location.href);
  address.searchParams.set('since', since);
  address.searchParams.set('shown', rows().map(row => row.id.replace(/\D+/, '')).join());
  requestedAt = Date.now();
  const response = await fetchFragment(address);
  if (response.status === 401) end();
  if (!response.ok) return false;
  const text = await response.text();
  if (list()?.dataset.since === since) await apply(text);
  else plan(); // another list was opened in the meantime, or this one was loaded again
  return true;
}

async function apply(text) {
  const before = list().textContent.trim();
  const ctx = { text, sourceElement: document.body, swap: 'none', isListChange: true };
  const restore = holdPosition();
  const swapped = htmx.swap(ctx); // the page has changed when this returns; the promise is for settling
  keepHeights(ctx.heights ?? []);
  hasSkipped = Boolean(ctx.hasSkipped);
  restore();
  await swapped;
  if (ctx.title) document.title = ctx.title;
  const now = list()?.textContent.trim();
  if (now && now !== before) announce(now);
}

function end() {
  if (connection === 'over') return;
  connection = 'over';
  showBanner('signed-out');
}

document.addEventListener('focusout', () => { if (hasSkipped) plan(); });

if (list()) {
  connect(() => list()?.dataset.live ?? '/tickets/live', {
    message: text => {
      if (text.includes('"changed"')) plan();
      showUnread(text);
    },
    state: (now, code) => {
      if (now === 'over' && code === 4401) return end();
      connection = now === 'over' ? 'blocked' : now; // without permission for a socket, HTTP still works
      if (now === 'open') plan(); // something may have changed before
      else planPoll();
    },
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) { dueAt = 0; plan(); } });
}
