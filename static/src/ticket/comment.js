// The forms for a comment and a note. The user's own entry arrives as updates do, and then gets the
// focus. A comment that could not be sent for lack of a connection is kept, and sent once under the same
// key (submission_id) when the connection is back.
import { focusOn, userKey } from '../lib/dom.js';
import { isUnavailable } from '../lib/requests.js';
import { catchUp } from './live.js';
import { delayUpdates, isLive, lastSeq, root } from './updates.js';

const form = () => document.querySelector('#reply form');
const key = () => userKey(`${root.dataset.chat}:reply`);
let sentSeq = 0; // the user's own entry, to be focused when it is on the page
let field; // the text field from which it was sent
let timer = 0;

document.addEventListener('htmx:after:swap', event => {
  const { ctx } = event.detail;
  if (ctx.hasUpdates || !root?.contains(ctx.sourceElement)) return;
  const part = document.querySelector('[data-sent-seq]');
  if (part) {
    sentSeq = Number(part.dataset.sentSeq);
    delete part.dataset.sentSeq;
    field = part.querySelector('textarea');
    setTimeout(() => { if (sentSeq && document.activeElement === document.body) field.focus(); sentSeq = 0; }, 5000);
    focusComment();
  }
  if (!sentSeq || sentSeq > lastSeq()) catchUp();
});

// The entry must not appear in the timeline while it is still in the form.
document.addEventListener('htmx:before:request', event => {
  if (event.detail.ctx.sourceElement.closest('.composer')) delayUpdates(new Promise(done => { document.addEventListener('htmx:finally:request', done, { once: true }); }));
});

/** Focuses the user's own entry when it is on the page, unless the user has gone on to something else. */
function focusComment() {
  const entry = sentSeq && document.getElementById(`s${sentSeq}`);
  if (!entry) return;
  sentSeq = 0;
  const active = document.activeElement;
  const isIdle = active === document.body || !field.value && field.form.contains(active);
  if (isIdle) focusOn(entry);
}

document.addEventListener('live:updates', focusComment);

// ---- a comment that waits for the connection

function resend() {
  clearTimeout(timer);
  const waiting = form();
  if (waiting?.dataset.waiting === undefined || waiting.getAttribute('aria-busy')) return;
  const then = waiting.dataset.waiting;
  waiting.requestSubmit(waiting.querySelector(then ? `button[name=then][value="${then}"]` : 'button:not([type=button]):not([name])'));
}

if (isLive) {
  let pressed = ''; // the value of the button that was pressed
  addEventListener('submit', event => { if (event.target === form()) pressed = event.submitter?.value ?? ''; }, true);
  const keepWaiting = () => {
    form().dataset.waiting = pressed;
    const { submission_id: id, seen } = form().elements;
    sessionStorage.setItem(key(), JSON.stringify({ id: id.value, seen: seen?.value, then: pressed }));
    timer = setTimeout(resend, 5000);
  };
  document.addEventListener('htmx:error', event => {
    const { ctx } = event.detail;
    if (ctx && !ctx.response && ctx.sourceElement === form()) keepWaiting();
  });
  document.addEventListener('htmx:response:error', event => {
    const { ctx } = event.detail;
    if (isUnavailable(ctx.response) && ctx.sourceElement === form()) keepWaiting();
  });
  document.addEventListener('htmx:after:request', event => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== form() || isUnavailable(ctx.response)) return;
    document.querySelector('.toast[data-about=kept]')?.remove();
    delete form().dataset.waiting;
    sessionStorage.removeItem(key());
  });
  document.addEventListener('live:online', () => setTimeout(resend, 100)); // after htmx has handled the failure
  // After a reload the draft is in the form again, and is sent under the key that it had.
  addEventListener('DOMContentLoaded', () => {
    const kept = JSON.parse(sessionStorage.getItem(key()));
    if (!kept || !form()?.elements.text.value) return;
    form().elements.submission_id.value = kept.id;
    if (form().elements.seen) form().elements.seen.value = kept.seen; // it was written before the later entries
    form().dataset.waiting = kept.then;
    resend();
  });
}
