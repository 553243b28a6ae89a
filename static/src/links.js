// htmx takes every click on a link it has boosted, also those that ask for a
// new tab or window; such clicks must not reach it.
addEventListener('click', event => {
  const asksForAnother = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (asksForAnother && event.target.closest?.('a[href]')) event.stopPropagation();
}, true);

// A link to a field opens what folds it, and leads into the field.
addEventListener('click', event => {
  const field = document.querySelector(event.target.closest?.('a:is([href="#line"], [href="#text"], [href="#chat-log"])')?.hash || null);
  if (!field) return;
  field.closest('details')?.setAttribute('open', '');
  setTimeout(() => field.focus());
});

// What a swap brings is folded or open as what it takes the place of.
document.addEventListener('htmx:before:swap', ({ detail }) => {
  for (const { fragment } of detail.tasks) {
    for (const fold of fragment?.querySelectorAll?.('details[id]') ?? []) fold.open = document.getElementById(fold.id)?.open ?? fold.open;
  }
});

// A browser that cannot show folds open where there is room for them (::details-content) opens them once.
addEventListener('DOMContentLoaded', () => {
  if (!CSS.supports('selector(::details-content)') && innerWidth >= 960) for (const fold of document.querySelectorAll('.fold')) fold.open = true;
});

// The menu closes as menus do: by a click elsewhere and by Escape.
addEventListener('click', event => {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus();
  }
});
