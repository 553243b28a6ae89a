import { go } from './dom.js';
import { say } from './say.js';

// Focus moves only after something one sent oneself: to what has to be mended
// (to a new comment: reply.js). htmx's other swaps leave it where it is.
let sent = null; // htmx's context of the request under way, and where its form leads

const heard = new WeakSet(); // notices that were on the page, or have been said

document.addEventListener('htmx:before:request', event => {
  const { ctx } = event.detail;
  if (ctx.request.method.toUpperCase() !== 'GET') sent = { ctx, action: ctx.sourceElement.getAttribute('action') };
});

// News can replace the part of the page that an answer is for while the answer is
// on its way. htmx would drop the whole answer, with the toast and what is
// announced: the part that has taken its place becomes the target.
document.addEventListener('htmx:after:request', event => {
  const { ctx } = event.detail;
  if (ctx.target?.id && !ctx.target.isConnected) ctx.target = document.getElementById(ctx.target.id) ?? ctx.target;
});

/** What to look at after an answer, or nothing. */
function next({ action, ctx: { target } }) {
  const form = [...document.querySelectorAll('form')].find(other => other.getAttribute('action') === action);
  const fault = form?.querySelector('[aria-invalid=true], .error-summary, .notice[role=alert]') ?? document.querySelector('.error-summary');
  if (fault) return fault;
  // The button that was pressed went with the form. Its successor takes over, or the part that it was in.
  if (document.activeElement !== document.body || form?.closest('[data-said]')) return null;
  return form?.querySelector('button') ?? (target?.id && document.getElementById(target.id));
}

// What is swapped in does not speak by itself; #live does. A notice keeps its
// look and gives up its own role, so that it is heard once.
function announce() {
  for (const notice of document.querySelectorAll('.notice:not([role=alert])')) {
    if (heard.has(notice)) continue;
    heard.add(notice);
    notice.removeAttribute('role');
    say(notice.textContent.trim().replace(/\s+/g, ' '));
  }
}

/** Moves the focus after the answer to what one sent oneself. */
function settle(ctx) {
  if (!sent || ctx !== sent.ctx) return;
  const target = next(sent);
  sent = null;
  if (target) go(target);
}

document.addEventListener('htmx:after:swap', event => {
  announce();
  settle(event.detail.ctx);
});

// Where the part that was sent from has left the page for good, htmx swaps nothing.
document.addEventListener('htmx:finally:request', event => {
  if (!event.detail.ctx.sourceElement.isConnected) settle(event.detail.ctx);
});

// A whole page that comes back with errors starts at their summary, as a swapped part does.
addEventListener('DOMContentLoaded', () => {
  for (const notice of document.querySelectorAll('.notice')) heard.add(notice);
  const summary = document.querySelector('.error-summary');
  if (summary) go(summary);
});
