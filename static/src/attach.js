// What sends files (uploads.js) is loaded when somebody turns to a form that takes
// them. What is chosen or dropped before it is there waits in the form's own field.
let script = null;
let loaded = false;

function load(form) {
  if (script) return;
  script = document.createElement('script');
  script.src = form.dataset.script;
  script.onload = () => { loaded = true; };
  document.head.append(script);
}

for (const kind of ['focusin', 'pointerover', 'change', 'dragover', 'drop']) {
  addEventListener(kind, event => {
    const form = !loaded && event.target.closest?.('form[data-script]');
    if (!form) return;
    load(form);
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (kind === 'drop') form.querySelector('input[type=file]').files = event.dataTransfer.files;
  });
}
