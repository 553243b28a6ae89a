// htmx takes every click on a link it has boosted, also those that ask for a
// new tab or window; such clicks must not reach it.
addEventListener('click', event => {
  const asksForAnother = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (asksForAnother && event.target.closest?.('a[href]')) event.stopPropagation();
}, true);

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
