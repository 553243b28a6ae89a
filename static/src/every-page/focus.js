// Moves the focus after a form that the user sent: to an error, or to where the form was.
// Other swaps of htmx leave the focus where it is. (For a new comment: ticket/comment.js.)
import { announce } from '../lib/announcer.js';
import { focusOn, textOf } from '../lib/dom.js';

let sent = null; // the htmx context of the request that is under way, and the action of its form

const announced = new WeakSet(); // notices that were on the page, or have been announced

document.addEventListener('htmx:before:request', event => {
  const { ctx } = event.detail;
  if (ctx.request.method.toUpperCase() !== 'GET') sent = { ctx, action: ctx.sourceElement.getAttribute('action') };
});

/** Returns the element to focus after an answer, or null. */
function focusTarget({ action, ctx: { target } }) {
  const form = [...document.querySelectorAll('form')].find(other => other.getAttribute('action') === action);
  const error = form?.querySelector('[aria-invalid=true], .error-summary, .notice[role=alert]') ?? document.querySelector('.error-summary');
  if (error) return error;
  // The button that was pressed was replaced with its form: focus the new button, or the part around it.
  if (document.activeElement !== document.body || form?.closest('[data-sent-seq]')) return null;
  return form?.querySelector('button') ?? (target?.id && document.getElementById(target.id));
}

// Screen readers do not read a notice that is swapped in, but they read the live region. The
// notice loses its role, so that it is read once.
function announceNotices() {
  for (const notice of document.querySelectorAll('.notice:not([role=alert])')) {
    if (announced.has(notice)) continue;
    announced.add(notice);
    notice.removeAttribute('role');
    announce(textOf(notice));
  }
}

/** Moves the focus if this context is that of the form which the user sent. */
function moveFocus(ctx) {
  if (!sent || ctx !== sent.ctx) return;
  const target = focusTarget(sent);
  sent = null;
  if (target) focusOn(target);
}

document.addEventListener('htmx:after:swap', event => {
  announceNotices();
  moveFocus(event.detail.ctx);
});

// If the form and its target have left the page, htmx swaps nothing.
document.addEventListener('htmx:finally:request', event => {
  if (!event.detail.ctx.sourceElement.isConnected) moveFocus(event.detail.ctx);
});

// A page that is loaded with errors starts at their summary.
addEventListener('DOMContentLoaded', () => {
  for (const notice of document.querySelectorAll('.notice')) announced.add(notice);
  const summary = document.querySelector('.error-summary');
  if (summary) focusOn(summary);
});
