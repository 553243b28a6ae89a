// Finds the target of an answer again. Updates may replace the part of the page that an answer is
// for before the answer comes. htmx would drop the whole answer then, with its toast and announcement.
document.addEventListener('htmx:after:request', event => {
  const { ctx } = event.detail;
  if (ctx.target?.id && !ctx.target.isConnected) ctx.target = document.getElementById(ctx.target.id) ?? ctx.target;
});
