// The approver's desk: which row is open.
const detail = document.getElementById('detail');

function markCurrent(link) {
  document.querySelectorAll('[data-row][aria-current]').forEach((row) => row.removeAttribute('aria-current'));
  link.setAttribute('aria-current', 'true');
}

detail?.addEventListener('htmx:afterSwap', ({ detail: { requestConfig } }) => {
  const link = requestConfig?.elt?.closest?.('[data-row]');
  if (link) markCurrent(link);
});
