// Shows failures of htmx requests as toasts. They do not replace a part of the page,
// except a form that comes back with errors (HTML with status 409 or 422).
import { toast } from '../lib/announcer.js';
import { isUnavailable } from '../lib/requests.js';

const isForm = ({ status, headers }) => (status === 409 || status === 422) && headers.get('Content-Type')?.startsWith('text/html');

function errorText({ status, headers }, body) {
  const seconds = Number(headers.get('Retry-After'));
  const when = seconds > 90 ? `in ${Math.ceil(seconds / 60)} minutes` : seconds > 1 ? `in ${seconds} seconds` : 'in a moment';
  switch (status) {
    case 401: return 'You have been signed out. Sign in again in another tab, then send this once more.';
    case 403: return 'You are not allowed to do that.';
    case 404: return 'That is no longer here. Copy what you wrote, then reload the page.';
    case 413: return 'That is too large. Send fewer or smaller files, or less text.';
    case 429: return `Too many attempts. Try again ${when}; what you wrote is still here.`;
    case 503: return `The desk is temporarily unavailable. Try again ${when}; what you wrote is still here.`;
    case 507: return `The desk has no space left to save this. Try again ${when}; what you wrote is still here.`;
  }
  if (status >= 500) return 'Something went wrong on our side. Try again; what you wrote is still here.';
  return headers.get('Content-Type')?.startsWith('text/plain') && body ? body : 'That did not work. Reload the page and try again.';
}

/** The form for a comment on a ticket that is followed live: it keeps the comment and sends it later (ticket/comment.js). */
const composerOf = source => source?.closest?.('#ticket[data-chat] #reply form');

function sayThatItIsKept(form) {
  if (form.dataset.waiting !== undefined) return; // the toast is there already
  toast('The desk could not be reached. Your comment is kept here and sent once, as soon as the connection is back.').dataset.about = 'kept';
}

document.addEventListener('htmx:response:error', event => {
  const { ctx } = event.detail;
  if (ctx.hx?.redirect || ctx.hx?.retarget || isForm(ctx.response)) return;
  ctx.hx = { ...ctx.hx, reswap: 'none' };
  const form = isUnavailable(ctx.response) && composerOf(ctx.sourceElement);
  if (form) sayThatItIsKept(form);
  else toast(errorText(ctx.response, ctx.text));
});

document.addEventListener('htmx:error', event => {
  const { ctx, error } = event.detail;
  if (!ctx || ctx.response) return;
  const form = composerOf(ctx.sourceElement);
  if (form) return sayThatItIsKept(form);
  const isTimeout = error === 'timeout' || ctx.request?.signal?.reason === 'timeout';
  toast(isTimeout ? 'The desk took too long to answer. Try again; what you wrote is still here.'
    : 'The desk could not be reached. Try again when the connection is back; what you wrote is still here.');
});
