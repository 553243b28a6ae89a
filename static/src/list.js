// The page of a list learns what became of it, and nothing moves: rows change
// where they stand, new tickets wait behind a link. A socket tells that something
// changed; without one it is asked every now and then.
import { go, make } from './dom.js';
import { hold } from './hold.js';
import { say, toast } from './say.js';
import { mayLeave } from './unsaved.js';
import { connect } from './socket.js';

const pace = 3000; // between two questions
const hiddenPace = 30_000; // while nobody looks, for the number in the title alone
const unasked = 20_000; // without a socket

const list = () => document.getElementById('arrivals');
const rows = () => [...document.querySelectorAll('tr[id^="row-"], li[id^="ticket-"]')];

let asked = Date.now(); // when it was last asked, or the page loaded
let due = 0; // when it will be; 0: it need not be
let timer = 0;
let asking = false;
let connection = 'down'; // as socket.js tells it
let passedOver = false; // a row was left as it was

/** Asks as soon as the pace allows, or later. */
function want(after = 0) {
  const soonest = asked + (document.hidden ? hiddenPace : pace);
  const at = Math.max(Date.now() + after, soonest) + 300 * Math.random();
  if (due && due <= at) return;
  due = at;
  clearTimeout(timer);
  timer = setTimeout(ask, at - Date.now());
}

/** Without a socket the question comes back by itself, unless nobody looks. */
function rest() {
  if (connection !== 'open' && connection !== 'over' && !document.hidden) want(unasked * (0.9 + 0.2 * Math.random()));
}

async function ask() {
  due = 0;
  if (connection === 'over') return;
  if (asking) return want(pace);
  asking = true;
  const done = await look().catch(() => false); // the desk is out of reach
  asking = false;
  if (connection === 'over') return;
  if (!done) want(unasked);
  else rest();
}

/** Asks, and changes the page; resolves with whether that went well. */
async function look() {
  const here = list();
  if (!here) return true;
  const { since } = here.dataset;
  const address = new URL(here.dataset.changes, location.href);
  address.searchParams.set('since', since);
  address.searchParams.set('shown', rows().map(row => row.id.replace(/\D+/, '')).join());
  asked = Date.now();
  const answer = await fetch(address, { headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }, signal: AbortSignal.timeout(10_000) });
  if (answer.status === 401) end();
  if (!answer.ok) return false;
  const text = await answer.text();
  if (list()?.dataset.since !== since) return want(), true; // another list was opened meanwhile, or this one anew
  const before = list().textContent.trim();
  const ctx = { text, sourceElement: document.body, swap: 'none', list: true };
  const correct = hold();
  const swapped = htmx.swap(ctx); // the page has changed when this returns; the rest is settling
  keepHeights(ctx.changed ?? []);
  correct();
  await swapped;
  if (ctx.title) document.title = ctx.title;
  const now = list()?.textContent.trim();
  if (now && now !== before) say(now);
  return true;
}

function end() {
  if (connection === 'over') return;
  connection = 'over';
  const next = encodeURIComponent(location.pathname + location.search);
  toast('You have been signed out.').querySelector('p').append(' ', make('a', { class: 'link', href: `/login?next=${next}` }, 'Sign in again'));
}

// ---- a row that is open for changes stays as it is

const busy = row => row.querySelector('form') !== null;

document.addEventListener('htmx:before:swap', event => {
  const { ctx, tasks } = event.detail;
  if (!ctx.list) return;
  const row = target => target?.matches?.('tr[id^="row-"], li[id^="ticket-"]');
  const stays = ({ target, fragment }) => row(target) && (busy(target) || (fragment.querySelector('.is-gone') && target.contains(document.activeElement)));
  const kept = tasks.filter(task => !stays(task));
  passedOver = kept.length < tasks.length;
  ctx.changed = kept.filter(({ target }) => row(target)).map(({ target }) => [target.id, tall(target)]);
  tasks.splice(0, tasks.length, ...kept);
});

const tall = row => row.getBoundingClientRect().height;

/** A row that has less to show now keeps its height, so that those below it stay. */
function keepHeights(changed) {
  const here = changed.map(([id, height]) => [document.getElementById(id), height]);
  const shorter = here.filter(([row, height]) => row && tall(row) < height);
  for (const [row, height] of shorter) row.style[row.tagName === 'TR' ? 'height' : 'minHeight'] = `${height}px`;
}

// In another layout another room is right.
let width = innerWidth;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  for (const row of rows()) row.removeAttribute('style');
});

document.addEventListener('focusout', () => { if (passedOver) want(); });

// The focus follows the row that is opened, left or saved; a saved one may have
// left the list.
let at = '';

document.addEventListener('htmx:before:request', event => {
  const { ctx } = event.detail;
  const row = ctx.sourceElement.closest?.('tr');
  at = row?.id ?? '';
  if (!row && ctx.target?.id === 'queue' && !mayLeave()) event.preventDefault();
});
document.addEventListener('htmx:after:swap', event => {
  if (event.detail.ctx.list || !at) return;
  const row = document.getElementById(at);
  at = '';
  if (document.activeElement === document.body) go(row?.querySelector('select, .change a') ?? document.getElementById('queue-h'));
}, true); // before focus.js, which knows no rows

// The link to the new tickets goes with the list that it opens; the list takes over.
let opening = false;

document.addEventListener('click', event => { if (event.target.closest?.('.arrivals a')) opening = true; });
document.addEventListener('htmx:after:swap', event => {
  const { ctx } = event.detail;
  const told = document.querySelector('[data-say]');
  if (told && ctx.target?.contains?.(told)) say(told.dataset.say); // a list that was asked for says what it holds
  if (ctx.list || !opening) return;
  opening = false;
  const opened = document.querySelector('#queue table, .ticket-list');
  if (opened && document.activeElement === document.body) go(opened);
});

// ---- when to ask

if (list()) {
  connect(() => list()?.dataset.live ?? '/tickets/live', {
    message: text => { if (text.includes('"changed"')) want(); },
    state: (now, code) => {
      if (now === 'over' && code === 4401) return end();
      connection = now === 'over' ? 'blocked' : now; // whoever may not have a socket can still ask
      if (now === 'open') want(); // something may have changed before
      else rest();
    },
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) { due = 0; want(); } });
}
