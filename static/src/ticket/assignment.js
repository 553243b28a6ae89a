// On pages of tickets for staff. Live updates replace the present assignee and team, but not the form beside them. A choice that the user
// has not changed follows them. An unsaved choice keeps the value from before, so that saving it is refused if
// another user changed the same.
import { isChanged } from '../lib/dom.js';

document.addEventListener('live:updates', () => {
  const now = document.getElementById('assignee-now');
  const form = now?.parentElement.querySelector('form[data-unsaved]');
  if (!form) return;
  for (const name of ['assignee', 'team']) {
    const [select, id] = [form.elements[name], now.dataset[name]];
    if (document.activeElement === select || isChanged(select)) continue;
    let chosen = [...select.options].find(option => option.value === id);
    if (!chosen) select.add(chosen = new Option(now.dataset[`${name}Name`], id));
    for (const option of select.options) option.defaultSelected = option === chosen;
    select.value = id;
    form.elements[`was_${name}`].value = id;
  }
});

// The button that takes the ticket leaves the page when a colleague takes it. Its focus moves to the summary that names
// the colleague: a press that is under way opens the summary, and takes nothing over.
document.addEventListener('htmx:before:swap', ({ detail: { ctx } }) => {
  ctx.isAboutAssignee = [document.activeElement, ctx.sourceElement].some(element => element?.closest('#assignee-now'));
});
document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  if (ctx.isAboutAssignee && document.activeElement === document.body) document.querySelector('#assignee-now summary')?.focus();
});
