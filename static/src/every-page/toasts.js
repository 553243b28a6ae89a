// The dismiss button of toasts. A success message of the server also disappears after
// 8 seconds, unless the user points at it or it offers Undo.
const seen = new WeakSet();

addEventListener('click', event => event.target.closest?.('.toast > [aria-label]')?.parentElement.remove());

document.addEventListener('htmx:after:swap', () => {
  for (const toast of document.querySelectorAll('.toast[data-tone=ok]:not(:has(form))')) {
    if (!seen.has(toast)) removeLater(toast);
    seen.add(toast);
  }
});

function removeLater(toast) {
  setTimeout(() => toast.matches(':hover, :focus-within') ? removeLater(toast) : toast.remove(), 8000);
}
