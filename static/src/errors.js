import { isAway, toast } from './say.js';

// A failure never replaces a part of the page, save for the form that comes
// back with what to do about it (HTML with 409 or 422). All others are told in
// passing; of those, the server's own words come as plain text.
const bringsForm = ({ status, headers }) => (status === 409 || status === 422) && headers.get('Content-Type')?.startsWith('text/html');

function words({ status, headers }, text) {
  const seconds = Number(headers.get('Retry-After'));
  const when = seconds > 90 ? `in ${Math.ceil(seconds / 60)} minutes` : seconds > 1 ? `in ${seconds} seconds` : 'in a moment';
  switch (status) {
    case 401: return 'You have been signed out. Sign in again in another tab, then send this once more.';
    case 403: return 'You are not allowed to do that.';
    case 404: return 'That is no longer here. Reload the page.';
    case 413: return 'That is too large. Send fewer or smaller files, or less text.';
    case 429: return `Too many attempts. Try again ${when}; what you wrote is still here.`;
    case 503: return `The desk cannot answer just now. Try again ${when}; what you wrote is still here.`;
    case 507: return `The desk has no room left to save this. Try again ${when}; what you wrote is still here.`;
  }
  if (status >= 500) return 'Something went wrong on our side. Try again; what you wrote is still here.';
  return headers.get('Content-Type')?.startsWith('text/plain') && text ? text : 'That did not work. Reload the page and try again.';
}

// A comment on a ticket that is followed live is kept and goes by itself: see reply.js.
const goesLater = source => source?.closest?.('#ticket[data-chat] .composer form');

function saysItIsKept(form) {
  if (form.dataset.waiting !== undefined) return; // it has been said
  toast('The desk could not be reached. Your comment is kept here and sent once, as soon as the connection is back.', 'offline').dataset.about = 'kept';
}

document.addEventListener('htmx:response:error', event => {
  const { ctx } = event.detail;
  if (ctx.hx?.redirect || ctx.hx?.retarget || bringsForm(ctx.response)) return;
  ctx.hx = { ...ctx.hx, reswap: 'none' };
  const form = isAway(ctx.response) && goesLater(ctx.sourceElement);
  if (form) saysItIsKept(form);
  else toast(words(ctx.response, ctx.text));
});

document.addEventListener('htmx:error', event => {
  const { ctx, error } = event.detail;
  if (!ctx || ctx.response) return;
  const form = goesLater(ctx.sourceElement);
  if (form) return saysItIsKept(form);
  const late = error === 'timeout' || ctx.request?.signal?.reason === 'timeout';
  toast(late ? 'The desk took too long to answer. Try again; what you wrote is still here.'
    : 'The desk could not be reached. Try again when the connection is back; what you wrote is still here.', 'offline');
});
