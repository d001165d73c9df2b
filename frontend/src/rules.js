// The editor of decision tables: bpmn.io's table with the cases beside it that prove what it decides.
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import './css/rules.css';

import { DecisionTables } from './parts/decision-tables.js';
import { Desk } from './parts/desk.js';
import { Draft } from './parts/draft.js';
import { InputChoice } from './parts/input-choice.js';
import { replay } from './parts/replay.js';
import { encode, send } from './parts/server.js';
import { TestGrid } from './parts/test-grid.js';
import { say } from './parts/words.js';

const root = document.getElementById('rules');
const results = document.querySelector('[data-test-results]');

async function open() {
  const tables = await DecisionTables.make(root, document.documentElement.lang);
  const table = new Draft({ name: root.dataset.name, contentUrl: root.dataset.contentUrl, write: () => tables.write() });
  const cases = new Draft({ name: root.dataset.testsName, contentUrl: root.dataset.testsContentUrl, write: () => grid.text });
  const desk = new Desk(root, [table, cases], {
    choose: (id) => tables.go(id),
    nameOf: (id) => tables.nameOf(id),
    found: (findings) => tables.mark(findings.filter(({ file }) => file === root.dataset.name)),
    rehearse: async () => replay(document.querySelector('[data-replay]'), root.dataset.replayUrl, await tables.write()),
  });
  const grid = new TestGrid(document.querySelector('[data-tests]'), {
    changed: () => desk.touch(cases),
    pointed: (numbers) => tables.pointNumbers(numbers),
  });
  await tables.load(await table.load());
  grid.load(root.dataset.hasTests ? await cases.load() : '');
  if (root.dataset.hasTests) match(tables, grid);
  tables.onChange(() => {
    desk.touch(table);
    desk.lookSoon();
  });
  new InputChoice(document.getElementById('add-input'), tables, () => {
    if (match(tables, grid)) desk.touch(cases);
  });
  const looked = desk.look();
  const run = () => runTests(tables, grid, desk, cases);
  document.querySelector('[data-run-tests]').addEventListener('click', run);
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') run();
  });
  // Findings take room above the tests: a press while they arrive would miss its button.
  await looked;
}

function match(tables, grid) {
  const { inputs, outputs } = tables.columns();
  return grid.widen(inputs, outputs);
}

// Runs what is on the screen, saved or not.
async function runTests(tables, grid, desk, cases) {
  if (match(tables, grid)) desk.touch(cases);
  results.textContent = say('running');
  try {
    const body = { content: encode(await tables.write()), tests: encode(grid.text) };
    const { rows, unhit_rules: unhit, proposed } = await send('POST', root.dataset.testUrl, body);
    grid.show(rows);
    const failed = rows.filter(({ passed }) => !passed).length;
    results.replaceChildren(tag('good', say('passes', { n: rows.length - failed })), ' ', ...(failed ? [tag('bad', say('fails', { n: failed }))] : []));
    if (unhit.length) results.append(' ', say('untested', { n: unhit.length, rules: unhit.join(', ') }));
    if (proposed.length) results.append(' ', taking(proposed, grid));
  } catch (error) {
    results.textContent = error.lines ? error.lines.join('; ') : say('no_connection');
  }
}

// The cases that nobody wrote yet, a press away: they expect what the table says today, for its owner to read.
function taking(proposed, grid) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn';
  made.textContent = say('add_proposed', { n: proposed.length });
  made.addEventListener('click', () => {
    grid.addCases(proposed.map(({ cells }) => cells));
    results.textContent = say('added_proposed', { n: proposed.length });
  });
  return made;
}

function tag(kind, text) {
  const made = document.createElement('span');
  made.className = `tag ${kind}`;
  made.textContent = text;
  return made;
}

root.setAttribute('aria-busy', 'true');
open()
  .then(() => { root.dataset.ready = 'yes'; })
  .catch((error) => {
    const banner = document.querySelector('[data-banner]');
    banner.textContent = `${say('not_loaded')} ${error.message}`;
    banner.hidden = false;
  })
  .finally(() => root.removeAttribute('aria-busy'));
