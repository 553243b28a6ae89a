import { toast } from './say.js';

// An answer that is a failure never replaces a part of the page, save for the
// two that bring the form back with what to do about it.
const inPlace = new Set([409, 422]);

function words(response) {
  const seconds = Number(response.headers.get('Retry-After'));
  const when = seconds > 90 ? `in ${Math.ceil(seconds / 60)} minutes` : seconds > 1 ? `in ${seconds} seconds` : 'in a moment';
  switch (response.status) {
    case 401: return 'You have been signed out. Sign in again, in another tab, then send this once more.';
    case 403: return 'You may not do that.';
    case 404: return 'That is not here any more. Load the page again to see what is.';
    case 413: return 'That is more than the desk takes at once. Send fewer or smaller files, or less text.';
    case 429: return `That was a little too fast. Try again ${when}; what you wrote is still here.`;
    case 503: return `The desk cannot answer just now. Try again ${when}; what you wrote is still here.`;
    default: return response.status < 500 ? 'The desk did not understand that. Load the page again.'
      : 'Something went wrong on our side. Try again; what you wrote is still here.';
  }
}

document.addEventListener('htmx:response:error', event => {
  const { ctx } = event.detail;
  if (inPlace.has(ctx.response.status) || ctx.hx?.retarget) return;
  ctx.hx = { ...ctx.hx, reswap: 'none' };
  toast(words(ctx.response));
});

document.addEventListener('htmx:error', event => {
  const { ctx, error } = event.detail;
  if (!ctx || ctx.response) return;
  const late = error === 'timeout' || ctx.request?.signal?.reason === 'timeout';
  toast(late ? 'The desk took too long to answer. Try again; what you wrote is still here.'
    : 'The desk could not be reached. Try again when the connection is back; what you wrote is still here.', 'offline');
});
