// The cases of a decision table, one a row: given values, expected results, a note, and how it went.
import { readCsv, writeCsv } from './csv.js';
import { say } from './words.js';

const EXPECT = 'expect:';

export class TestGrid {
  // `changed` is called on every edit, `pointed` with the rules that a chosen case hit.
  constructor(host, { changed, pointed }) {
    this.host = host;
    this.changed = changed;
    this.pointed = pointed;
    this.table = document.createElement('table');
    this.table.className = 'table tests';
    const add = document.createElement('button');
    add.type = 'button';
    add.className = 'btn';
    add.textContent = say('add_case');
    add.addEventListener('click', () => this.addCase());
    const scroller = document.createElement('div');
    scroller.className = 'tests-scroll';
    scroller.tabIndex = 0;
    scroller.setAttribute('role', 'region');
    scroller.setAttribute('aria-label', say('cases'));
    scroller.append(this.table);
    host.replaceChildren(scroller, add);
  }

  load(text) {
    const [columns = [], ...rows] = readCsv(text);
    this.columns = columns;
    this.rows = rows.map((row) => columns.map((_, n) => row[n] ?? ''));
    this.draw();
  }

  get text() {
    return writeCsv([this.columns, ...this.rows]);
  }

  // Inputs and outputs that the table has and the cases do not get a column each; none is taken away.
  widen(inputs, outputs) {
    const wanted = [...inputs, ...outputs.map((name) => EXPECT + name), 'note'];
    const missing = wanted.filter((name) => !this.columns.includes(name));
    if (!missing.length) return false;
    const order = [...wanted, ...this.columns.filter((name) => !wanted.includes(name))];
    this.rows = this.rows.map((row) => order.map((name) => row[this.columns.indexOf(name)] ?? ''));
    this.columns = order;
    this.draw();
    return true;
  }

  addCase() {
    const last = this.rows[this.rows.length - 1];
    this.rows.push(last ? this.columns.map((name, n) => (name === 'note' ? '' : last[n])) : this.columns.map(() => ''));
    this.draw();
    this.table.querySelector('tbody tr:last-child input')?.focus();
    this.changed();
  }

  // Puts finished cases, as cells by their column, behind the others, and shows the first of them.
  addCases(cases) {
    const first = this.rows.length;
    this.rows.push(...cases.map((cells) => this.columns.map((name) => cells[name] ?? '')));
    this.draw();
    const added = [...this.table.tBodies[0].rows].slice(first);
    for (const row of added) row.classList.add('added');
    added[0]?.querySelector('input')?.focus();
    this.changed();
  }

  removeCase(n) {
    this.rows.splice(n, 1);
    this.draw();
    this.changed();
  }

  draw() {
    const head = element('thead', {}, element('tr', {},
      ...[say('case'), say('result'), ...this.columns.map(titleOf)].map((text) => element('th', { scope: 'col' }, text)),
      element('th', { scope: 'col' }, element('span', { className: 'vh' }, say('remove')))));
    this.table.replaceChildren(element('caption', { className: 'vh' }, say('cases')), head, element('tbody', {}, ...this.rows.map((row, n) => this.drawRow(row, n))));
  }

  drawRow(row, n) {
    const cells = row.map((text, column) => {
      const input = element('input', { className: 'in', value: text, ariaLabel: `${titleOf(this.columns[column])}, ${say('case')} ${n + 1}` });
      input.dataset.column = this.columns[column];
      input.addEventListener('input', () => {
        this.rows[n][column] = input.value;
        this.forgetResult(n);
        this.changed();
      });
      return element('td', {}, input);
    });
    const remove = element('button', { type: 'button', className: 'btn quiet', ariaLabel: `${say('remove')} ${n + 1}` }, '×');
    remove.addEventListener('click', () => this.removeCase(n));
    const made = element('tr', {}, element('th', { scope: 'row', className: 'num' }, String(n + 1)), element('td', { className: 'outcome' }), ...cells, element('td', {}, remove));
    made.dataset.case = n + 1;
    return made;
  }

  forgetResult(n) {
    const row = this.table.tBodies[0].rows[n];
    row.classList.remove('passed', 'failed');
    row.querySelector('.outcome').replaceChildren();
  }

  show(results) {
    // A row that says nothing is no case, and is not counted.
    const cases = [...this.table.tBodies[0].rows].filter((_, n) => this.rows[n].some(Boolean));
    for (const { number, passed, differences, matched } of results) {
      const row = cases[number - 1];
      if (!row) continue;
      row.classList.toggle('passed', passed);
      row.classList.toggle('failed', !passed);
      const tag = element('span', { className: `tag ${passed ? 'good' : 'bad'}` }, say(passed ? 'pass' : 'fail'));
      const rules = element('button', { type: 'button', className: 'link small' }, matched.length ? say('rules_hit', { n: matched.length, rules: matched.join(', ') }) : say('no_rule'));
      rules.addEventListener('click', () => this.pointed(matched));
      row.querySelector('.outcome').replaceChildren(tag, ' ', rules, ...differences.map(differing));
    }
  }
}

function titleOf(column) {
  if (column === 'note') return say('note');
  return column.startsWith(EXPECT) ? say('expected', { name: column.slice(EXPECT.length) }) : column;
}

function element(tag, attributes, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

function differing({ output, got, expected }) {
  return element('p', { className: 'small' }, `${output}: `, element('del', {}, got || '–'), ' ', element('ins', {}, expected || '–'));
}
