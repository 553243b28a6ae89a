// Submits the filters of a list when they change: a select at once, a text field after a
// pause in typing. Without script there is a button.
const timers = new WeakMap();

const filterForm = element => element.closest?.('form.filters[hx-get]');

addEventListener('change', event => {
  const form = filterForm(event.target);
  if (form && event.target.tagName === 'SELECT') form.requestSubmit();
});

addEventListener('input', event => {
  const form = filterForm(event.target);
  if (!form || event.target.tagName === 'SELECT') return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => { if (form.isConnected) form.requestSubmit(); }, 350));
});

addEventListener('submit', event => clearTimeout(timers.get(event.target)), true);
