// One press sends once. The server also keeps a second copy out (submission_id);
// this only saves people from watching the same thing go twice. Buttons are not
// disabled, as that would take their name and the focus away.
const underWay = new Set();

addEventListener('submit', event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (underWay.has(form)) {
    event.preventDefault();
    return;
  }
  underWay.add(form);
  form.setAttribute('aria-busy', 'true');
  // Somebody may have stopped the loading: then the form works again.
  setTimeout(() => release(form), 10_000);
});

function release(form) {
  underWay.delete(form);
  form.removeAttribute('aria-busy');
}

// A page that the browser kept whole while another was looked at comes back as
// it was left: in the middle of sending. Where htmx had disabled a form for
// that, only loading it again helps.
addEventListener('pageshow', event => {
  for (const form of underWay) release(form);
  if (event.persisted && document.querySelector('.htmx-request')) location.reload();
});

// Ctrl+Enter sends what is being written.
addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.('.composer form');
  if (!form || event.target.tagName !== 'TEXTAREA') return;
  event.preventDefault();
  form.requestSubmit(form.querySelector('button:not([type=button]):not([formaction])'));
});
