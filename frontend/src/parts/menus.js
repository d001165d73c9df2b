// Menus are popovers; the arrows walk through them.
document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.('.menu[popover]');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const entries = [...menu.children];
  const at = entries.indexOf(document.activeElement);
  entries[(at + step + entries.length) % entries.length].focus();
});

document.addEventListener('toggle', ({ target, newState }) => {
  if (newState === 'open' && target.matches?.('.menu[popover]')) target.querySelector('a, button')?.focus();
}, true);

document.addEventListener('click', ({ target }) => {
  target.closest?.('.menu[popover] > :is(a, button)')?.parentElement.hidePopover();
});
