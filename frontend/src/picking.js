// Lets an element be chosen by pressing it in a diagram: inside [data-picks], whose value is the list's id.
// The list stays what counts; a press that it does not offer changes nothing.
const PICKED = 'is-picked';

for (const around of document.querySelectorAll('[data-picks]')) {
  const list = document.getElementById(around.dataset.picks);
  if (!list) continue;
  around.classList.add('picks');
  around.addEventListener('click', ({ target }) => pick(list, around, target));
  list.addEventListener('change', () => mark(list, around));
}

function pick(list, around, target) {
  const id = target.closest('.djs-element')?.dataset.elementId;
  const value = `${target.closest('[data-process]')?.dataset.process}|${id}`;
  if (![...list.options].some((option) => option.value === value)) return;
  list.value = value;
  mark(list, around);
  list.scrollIntoView({ block: 'nearest' });
}

function mark(list, around) {
  for (const each of around.querySelectorAll(`.${PICKED}`)) each.classList.remove(PICKED);
  const [process, id] = list.value.split('|');
  const within = around.querySelector(`[data-process="${CSS.escape(process)}"]`);
  if (id) within?.querySelector(`[data-element-id="${CSS.escape(id)}"]`)?.classList.add(PICKED);
}
