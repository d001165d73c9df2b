// Migrating instances: what stands for what is chosen on both diagrams or in the table; who can go is checked,
// and those that are chosen go a few at a time, each with its result in its row.
import './css/moving.css';

import { draw, pick, remember, showFirst } from './parts/mates.js';
import { element } from './parts/dom.js';
import { send } from './parts/server.js';

const AT_ONCE = 10;
const form = document.querySelector('[data-migrate]');
const words = JSON.parse(document.getElementById('moving-words').textContent);
const said = form.querySelector('[data-said]');
const bar = form.querySelector('[data-progress]');
let forget = () => {};
let picked = null;
let asked = 0;

function say(name, values = {}) {
  const text = words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  if (said) said.textContent = text;
  return text;
}

// What stands for what

function mappings() {
  return [...document.querySelectorAll('[data-mapping] tr[data-old]')];
}

function chooser(row) {
  return row.querySelector('select');
}

function show() {
  let number = 0;
  const rows = mappings().map((row) => {
    const now = chooser(row).value;
    const isChosen = now !== row.dataset.proposed;
    const why = isChosen ? 'chosen' : row.dataset.why;
    const isNumbered = now && why !== 'id';
    const place = row.querySelector('[data-number]');
    place.textContent = isNumbered ? (number += 1) : '';
    if (isChosen) row.querySelector('[data-why-words]').textContent = words[now ? 'chosen' : 'none'];
    else if (row.dataset.words !== undefined) row.querySelector('[data-why-words]').textContent = row.dataset.words;
    return { process: row.dataset.process, old: row.dataset.old, now, why, number };
  });
  const taken = new Set(rows.map(({ process, now }) => `${process}/${now}`));
  draw(rows, newOnes().filter(([process, id]) => !taken.has(`${process}/${id}`)));
}

// Every element of the new version, as [process, element].
function newOnes() {
  return JSON.parse(form.dataset.places);
}

function choices() {
  return mappings()
    .filter((row) => chooser(row).value !== row.dataset.proposed)
    .map((row) => ({ process: row.dataset.process, old: row.dataset.old, new: chooser(row).value || null }));
}

function nameOf(row) {
  return row.querySelector('th').innerText.trim();
}

function onPicked(side, process, id) {
  if (side === 'old') return choose(mappings().find((row) => row.dataset.process === process && row.dataset.old === id));
  if (!picked || picked.dataset.process !== process) return undefined;
  const select = chooser(picked);
  const option = [...select.options].find(({ value }) => value === id);
  if (!option) return say('other_kind', { name: id });
  select.value = id;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  say('stands', { new: option.textContent, old: nameOf(picked) });
  return choose(null);
}

function choose(row) {
  forget();
  picked?.removeAttribute('aria-current');
  picked = row ?? null;
  forget = picked ? pick('old', picked.dataset.process, picked.dataset.old) : () => {};
  if (!picked) return;
  picked.setAttribute('aria-current', 'true');
  const hidden = picked.closest('details');
  if (hidden) hidden.open = true;
  say('choose_new', { name: nameOf(picked) });
}

document.addEventListener('diagram:drawn', ({ target, detail: viewer }) => {
  const { side, process } = target.closest('[data-side]')?.dataset ?? {};
  if (!side) return;
  remember(side, process, viewer);
  target.classList.add('is-pickable');
  viewer.get('eventBus').on('element.click', ({ element: { id, labelTarget } }) => onPicked(side, process, (labelTarget ?? { id }).id));
  show();
  showFirst(side, process);
});

// Who can go

function candidates() {
  return [...form.querySelectorAll('[data-candidates] tr[data-instance]')].filter((row) => !row.dataset.gone);
}

function verdictOf(row, kind, name, reasons = []) {
  const tag = element('span', { class: `tag ${kind}` }, words[name]);
  row.querySelector('[data-verdict]').replaceChildren(tag, ' ', reasons.join('; '));
}

function body() {
  const { process, before, after } = form.dataset;
  return { process, before: Number(before), after: Number(after), choices: choices() };
}

// Sends some at a time, says how far it is, and hands each result to its row.
async function inParts(rows, doing, ask, tell) {
  const turn = (asked += 1);
  bar.hidden = false;
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const part = rows.slice(at, at + AT_ONCE);
    say(doing, { n: Math.min(at + AT_ONCE, rows.length), all: rows.length });
    const { items } = await ask(part);
    if (turn !== asked) return false; // something else was asked meanwhile
    for (const { id, reasons } of items) tell(part.find((row) => row.dataset.instance === id), reasons);
    bar.value = (at + part.length) / rows.length;
  }
  bar.hidden = true;
  return true;
}

async function check() {
  const rows = candidates();
  if (!rows.length) return;
  try {
    const isWhole = await inParts(rows, 'checking',
      (part) => send('POST', '/api/v1/migrations/check', { ...body(), ids: part.map((row) => row.dataset.instance) }),
      (row, reasons) => {
        row.dataset.can = reasons.length ? '' : 'yes';
        verdictOf(row, reasons.length ? 'bad' : 'good', reasons.length ? 'cannot' : 'can', reasons);
      });
    if (isWhole) say('checked', { n: rows.filter((row) => row.dataset.can).length, all: rows.length });
  } catch (error) {
    tellFailure(error);
  }
}

async function migrate() {
  const reason = form.elements.reason.value.trim();
  const rows = candidates().filter((row) => row.querySelector('input').checked);
  if (!rows.length) return say('choose_some');
  if (!reason) {
    form.elements.reason.focus();
    return say('say_why');
  }
  let gone = 0;
  const button = form.querySelector('[data-run]');
  const isByKeys = document.activeElement === button;
  button.disabled = true;
  try {
    await inParts(rows, 'migrating',
      (part) => send('POST', '/api/v1/migrations', { ...body(), reason, instances: part.map(seen) }),
      (row, reasons) => {
        if (reasons.length) return verdictOf(row, 'bad', 'stayed', reasons);
        gone += 1;
        row.dataset.gone = 'yes';
        row.querySelector('input').checked = false;
        row.querySelector('input').disabled = true;
        return verdictOf(row, 'good', 'migrated');
      });
    say('done', { n: gone, all: rows.length });
  } catch (error) {
    tellFailure(error);
  } finally {
    button.disabled = false;
    // A disabled button loses the focus: the next Tab would begin at the top of the page.
    if (isByKeys && document.activeElement === document.body) button.focus();
  }
  return undefined;
}

function seen(row) {
  return { id: row.dataset.instance, revision: Number(row.dataset.revision) };
}

function tellFailure(error) {
  bar.hidden = true;
  said.textContent = error.lines ? error.lines.join('\n') : words.failed;
}

function chooseAllThatCan() {
  for (const row of candidates()) row.querySelector('input').checked = Boolean(row.dataset.can);
}

for (const row of mappings()) row.dataset.words = row.querySelector('[data-why-words]').textContent;
document.querySelector('[data-pick-hint]').hidden = false;
document.addEventListener('change', ({ target }) => {
  if (!target.closest('[data-mapping]')) return;
  show();
  check();
});
if (bar) {
  const all = form.querySelector('[data-all-that-can]');
  all.hidden = false;
  all.addEventListener('click', chooseAllThatCan);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (event.submitter?.value === 'check') check();
    else migrate();
  });
  check();
}
