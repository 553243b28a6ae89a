// Shows failures of htmx requests as toasts. They do not replace a part of the page,
// except a form that comes back with errors (HTML with status 409 or 422).
import { toast } from '../lib/announcer.js';
import { isUnavailable } from '../lib/requests.js';

const isForm = ({ status, headers }) => (status === 409 || status === 422) && headers.get('Content-Type')?.startsWith('text/html');

/** The text of a failed answer: that of the desk, whose answers have an id, or an own text for that of a proxy. */
function errorText({ status, headers }, body) {
  if (headers.has('X-Request-Id') && headers.get('Content-Type')?.startsWith('text/plain') && body) return body;
  if (status === 413) return 'That is too large. Send fewer or smaller files, or less text.';
  if (status === 429 || status >= 500) return 'The desk cannot answer right now. Try again in a moment.';
  return 'That did not work. Reload the page and try again.';
}

/** Shows why a request failed. The form that sent it stays on the page, with what the user wrote. */
function showFailure(text, source) {
  const fields = source?.closest?.('form[method=post]')?.querySelectorAll(':read-write') ?? [];
  toast([...fields].some(field => field.value) ? `${text} What you wrote is still here.` : text);
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
  else showFailure(errorText(ctx.response, ctx.text), ctx.sourceElement);
});

document.addEventListener('htmx:error', event => {
  const { ctx, error } = event.detail;
  if (!ctx || ctx.response) return;
  const form = composerOf(ctx.sourceElement);
  if (form) return sayThatItIsKept(form);
  const isTimeout = error === 'timeout' || ctx.request?.signal?.reason === 'timeout';
  showFailure(isTimeout ? 'The desk took too long to answer. Try again.' : 'The desk could not be reached. Try again when the connection is back.', ctx.sourceElement);
});
