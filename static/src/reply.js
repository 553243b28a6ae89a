// The ticket's other forms. A comment of one's own comes onto the page as all
// news does, and then has the focus; one that found no connection is kept and
// sent once, under the same number, when there is one.
import { catchUp, live, place, root, send, waitFor } from './live.js';
import { go, mine } from './dom.js';
import { isAway } from './say.js';

const form = () => document.querySelector('.composer form');
const key = () => mine(`${root.dataset.chat}:reply`);
let said = 0; // the entry to look at once it is here
let timer = 0;

document.addEventListener('htmx:after:swap', event => {
  const { ctx } = event.detail;
  if (ctx.live || !root?.contains(ctx.sourceElement)) return;
  const seq = document.getElementById('reply')?.dataset.said;
  if (seq) {
    delete document.getElementById('reply').dataset.said;
    if (!live) return location.assign(`${form().getAttribute('hx-post').replace(/\/comments$/, '')}#s${seq}`);
    said = Number(seq);
    setTimeout(() => { if (said && document.activeElement === document.body) document.getElementById('text').focus(); said = 0; }, 6000);
    look();
  }
  if (!said || said > place()) catchUp();
});

// The form is empty before what was in it is seen elsewhere.
document.addEventListener('htmx:before:request', event => {
  if (!live || event.detail.ctx.sourceElement !== form()) return;
  waitFor(new Promise(done => { document.addEventListener('htmx:finally:request', done, { once: true }); }));
});

// Whoever has gone on to something else is left there.
function look() {
  const entry = said && document.getElementById(`s${said}`);
  if (!entry) return;
  said = 0;
  const here = document.activeElement;
  const still = here === document.body || (document.getElementById('reply').contains(here) && !document.getElementById('text').value);
  if (still) go(entry);
}

document.addEventListener('live:news', look);

// ---- a comment that waits

function resend() {
  clearTimeout(timer);
  const waiting = form();
  if (waiting?.dataset.waiting === undefined || waiting.getAttribute('aria-busy')) return;
  const then = waiting.dataset.waiting;
  waiting.requestSubmit(waiting.querySelector(then ? `button[name=then][value="${then}"]` : 'button:not([name]):not([type=button])'));
}

if (live) {
  let pressed = ''; // which of the form's buttons
  addEventListener('submit', event => { if (event.target === form()) pressed = event.submitter?.value ?? ''; }, true);
  const waits = () => {
    form().dataset.waiting = pressed;
    const { submission_id: id, seen } = form().elements;
    sessionStorage.setItem(key(), JSON.stringify({ id: id.value, seen: seen?.value, then: pressed }));
    timer = setTimeout(resend, 5000);
  };
  document.addEventListener('htmx:error', event => {
    const { ctx } = event.detail;
    if (ctx && !ctx.response && ctx.sourceElement === form()) waits();
  });
  document.addEventListener('htmx:response:error', event => {
    const { ctx } = event.detail;
    if (isAway(ctx.response) && ctx.sourceElement === form()) waits();
  });
  document.addEventListener('htmx:after:request', event => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== form() || isAway(ctx.response)) return;
    document.querySelector('.toast[data-about=kept]')?.remove();
    delete form().dataset.waiting;
    sessionStorage.removeItem(key());
  });
  document.addEventListener('live:up', () => setTimeout(resend, 100)); // htmx has to be through with the failure
  // After a reload the draft is back in the form, and goes under the number it had.
  addEventListener('DOMContentLoaded', () => {
    const kept = JSON.parse(sessionStorage.getItem(key()));
    if (!kept || !form()?.elements.text.value) return;
    form().elements.submission_id.value = kept.id;
    if (form().elements.seen) form().elements.seen.value = kept.seen; // it was written before the rest
    form().dataset.waiting = kept.then;
    resend();
  });
}

// ---- typing, and asking by hand

const told = {}; // when it was last said that somebody types, by field

addEventListener('input', event => {
  const where = { line: 'chat', text: 'comment' }[event.target.id];
  if (!where || !event.isTrusted || Date.now() - (told[where] ?? 0) < 3000) return;
  told[where] = Date.now();
  send({ type: 'typing', in: where });
});
