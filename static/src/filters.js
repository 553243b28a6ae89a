// Filters that htmx submits go as soon as they change; without script there is
// a button. Words wait until the typing pauses.
const timers = new WeakMap();

const live = element => element.closest?.('form.filters[hx-get]');

addEventListener('change', event => {
  const form = live(event.target);
  if (form && event.target.tagName === 'SELECT') form.requestSubmit();
});

addEventListener('input', event => {
  const form = live(event.target);
  if (!form || event.target.tagName === 'SELECT') return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => { if (form.isConnected) form.requestSubmit(); }, 350));
});

addEventListener('submit', event => clearTimeout(timers.get(event.target)), true);
