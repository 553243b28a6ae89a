// htmx handles every click on a link that it has boosted. Clicks with a modifier key
// open a new tab or window, so they must not reach it.
addEventListener('click', event => {
  const hasModifier = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (hasModifier && event.target.closest?.('a[href]')) event.stopPropagation();
}, true);

// A link within the page opens the fold around its target, and focuses the target if it is a field.
addEventListener('click', event => {
  const target = document.getElementById(event.target.closest?.('a[href^="#"]')?.hash.slice(1));
  target?.closest('details')?.setAttribute('open', '');
  setTimeout(() => target?.focus());
});

// A fold that is swapped in is open if the fold that it replaces is open.
document.addEventListener('htmx:before:swap', ({ detail }) => {
  for (const { fragment } of detail.tasks) {
    for (const fold of fragment?.querySelectorAll?.('details[id]') ?? []) fold.open = document.getElementById(fold.id)?.open ?? fold.open;
  }
});

// app.css shows folds open on wide screens by ::details-content. Without it, they are opened once.
addEventListener('DOMContentLoaded', () => {
  if (!CSS.supports('selector(::details-content)') && innerWidth >= 960) for (const fold of document.querySelectorAll('.fold')) fold.open = true;
});

// A menu closes on a click elsewhere, when the focus moves elsewhere, and on Escape.
const openMenus = () => document.querySelectorAll('.menu[open]');
for (const type of ['click', 'focusin']) {
  addEventListener(type, event => {
    for (const menu of openMenus()) menu.open = menu.contains(event.target);
  });
}
addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.firstElementChild.focus();
  }
});
