// bpmn.io's DMN modeler as our page uses it: open the table, read it, point at rules.
import camunda from 'camunda-dmn-moddle/resources/camunda.json';
import DmnModeler from 'dmn-js/lib/Modeler';

import { translation } from './translate.js';
import { say } from './words.js';

const DICTIONARIES = [async () => (await import('./zh-tables.js')).default];
const SPOT = /^(.*), rule (\d+)(, column (.*))?$/s;
const MARKS = {
  error: '--mark: "!"; --mark-ink: #b3261e; box-shadow: inset 4px 0 #b3261e',
  warning: '--mark: "?"; --mark-ink: #7a4d00; box-shadow: inset 4px 0 #c98a1b',
};
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

export class DecisionTables {
  static async make(root, language) {
    const additionalModules = [await translation(language, DICTIONARIES)];
    const modeler = new DmnModeler({
      container: root,
      common: { moddleExtensions: { camunda } },
      moddleExtensions: { camunda },
      decisionTable: { additionalModules },
      drd: { additionalModules },
      literalExpression: { additionalModules },
    });
    return new DecisionTables(root, modeler);
  }

  constructor(root, modeler) {
    this.root = root;
    this.modeler = modeler;
    this.pointing = new CSSStyleSheet(); // the table redraws its cells, and would drop a class
    this.marking = new CSSStyleSheet();
    document.adoptedStyleSheets.push(this.pointing, this.marking);
  }

  async load(xml) {
    await this.modeler.importXML(xml);
    const table = this.modeler.getViews().find(({ type }) => type === 'decisionTable');
    if (table) await this.modeler.open(table);
    nameRuleColumn(this.root);
    this.modeler.on('views.changed', () => nameRuleColumn(this.root));
  }

  async write() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  onChange(changed) {
    const watched = new Set();
    const watch = () => {
      const viewer = this.modeler.getActiveViewer();
      if (!viewer || watched.has(viewer)) return;
      watched.add(viewer);
      viewer.on('commandStack.changed', changed);
      viewer.on('elements.changed', changed);
    };
    watch();
    this.modeler.on('views.changed', watch);
  }

  get table() {
    const view = this.modeler.getActiveView();
    const decision = view?.type === 'decisionTable' ? view.element : this.decisions[0];
    return decision?.decisionLogic;
  }

  get decisions() {
    return this.modeler.getViews().filter(({ type }) => type === 'decisionTable').map(({ element }) => element);
  }

  // The names a case must give, which an expression reads too, and those it may expect.
  columns() {
    const outputs = (this.table?.output || []).map(({ name }) => name || '');
    const given = this.required;
    const read = this.asked.flatMap((text) => (NAME.test(text) ? [text] : namesIn(text).filter((name) => given.includes(name))));
    return { inputs: [...new Set(read)], outputs: outputs.filter(Boolean) };
  }

  // What the columns ask, as it is written.
  get asked() {
    return (this.table?.input || []).map(({ inputExpression: each }) => each?.text?.trim() || '');
  }

  get data() {
    return (this.modeler.getDefinitions().drgElement || []).filter(({ $type }) => $type === 'dmn:InputData');
  }

  get requirements() {
    return this.table?.$parent.informationRequirement || [];
  }

  // The names of the data that the table's decision says it rests on.
  get required() {
    const ids = this.requirements.map(({ requiredInput }) => requiredInput?.href.split('#').pop());
    return this.data.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
  }

  // What the file itself says that its tables are given.
  get declared() {
    return this.data.map(({ name, variable, description }) => (
      { name, label: name, type: variable?.typeRef || 'Any', meaning: description || '', values: [] }));
  }

  // Puts a column behind the other inputs, whole at once, so that one step takes it back. `known`: what may be
  // given to the table, of which the column's expression reads some.
  async addInput({ name, label, type, values }, known) {
    if (this.modeler.getActiveView().type !== 'decisionTable') await this.modeler.open(this.modeler.getViews().find((view) => view.type === 'decisionTable'));
    const viewer = this.modeler.getActiveViewer();
    const factory = viewer.get('dmnFactory');
    const inputExpression = factory.create('dmn:LiteralExpression', { text: name, typeRef: type });
    const businessObject = factory.create('dmn:InputClause', { label, inputExpression });
    inputExpression.$parent = businessObject;
    if (values.length) {
      businessObject.inputValues = factory.create('dmn:UnaryTests', { text: values.join(',') });
      businessObject.inputValues.$parent = businessObject;
    }
    for (const each of known) if (namesIn(name).includes(each.name)) this.require(factory, each);
    viewer.get('modeling').addCol({ businessObject }, this.table.input?.length || 0);
    this.root.querySelector(`th[data-col-id="${CSS.escape(businessObject.id)}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  // A decision that says what it rests on is given nothing else; one that says nothing is given what its columns read.
  require(factory, { name, type }) {
    if (!this.requirements.length || this.required.includes(name)) return;
    let data = this.data.find((each) => each.name === name);
    if (!data) {
      const variable = factory.create('dmn:InformationItem', { name, typeRef: type });
      data = owned(this.modeler.getDefinitions(), 'drgElement', factory.create('dmn:InputData', { name, variable }));
      variable.$parent = data;
    }
    const requiredInput = factory.create('dmn:DMNElementReference', { href: `#${data.id}` });
    requiredInput.$parent = owned(this.table.$parent, 'informationRequirement', factory.create('dmn:InformationRequirement', { requiredInput }));
  }

  pointNumbers(numbers) {
    this.point(numbers.map((number) => this.table.rule[number - 1]?.id).filter(Boolean));
  }

  // Lights rules by their ids, or the rule that holds a cell of this id.
  point(ids) {
    const rules = ids.map((id) => this.ruleOf(id)?.id ?? id);
    const cells = rules.map((id) => `td[data-row-id="${CSS.escape(id)}"]`);
    this.pointing.replaceSync(cells.length ? `${cells.join(', ')} { background: #dff0eb !important }` : '');
    this.root.querySelector(cells[0] || '*')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  // Goes to the rule that a finding names, with the keys in its first cell.
  go(id) {
    this.point([id]);
    const rule = this.ruleOf(id);
    if (rule) this.root.querySelector(`td[data-row-id="${CSS.escape(rule.id)}"] [contenteditable]`)?.focus();
  }

  // Marks the rules that findings are about, at their numbers: the worst of each.
  mark(findings) {
    const worst = new Map();
    for (const { severity, element, rules } of findings) {
      if (severity === 'information' || !this.isShown(element)) continue;
      for (const number of rules) if (worst.get(number) !== 'error') worst.set(number, severity);
    }
    const styles = [...worst].map(([number, severity]) => {
      const id = this.table?.rule?.[number - 1]?.id;
      return id ? `td.rule-index[data-row-id="${CSS.escape(id)}"] { ${MARKS[severity]} }` : '';
    });
    this.marking.replaceSync(styles.join('\n'));
  }

  spot(decision, number, column) {
    const where = `${say('rule')} ${number}${column ? `, ${column}` : ''}`;
    return this.decisions.length > 1 ? `${decision}, ${where}` : where;
  }

  isShown(element) {
    const view = this.modeler.getActiveView();
    const name = view?.element?.name || view?.element?.id;
    return this.decisions.length === 1 || element.startsWith(`${name},`);
  }

  ruleOf(id) {
    const counted = numberIn(id);
    if (counted) return this.table?.rule?.[counted - 1];
    return (this.table?.rule || []).find((rule) => rule.id === id || [...(rule.inputEntry || []), ...(rule.outputEntry || [])].some((cell) => cell.id === id));
  }

  // A finding names a cell or a rule by its id, or says "…, rule 3, column …".
  nameOf(id) {
    const [, decision, number, , column] = SPOT.exec(id) ?? [];
    if (number) return this.table?.rule?.[number - 1] ? this.spot(decision, number, column) : null;
    const rule = this.ruleOf(id);
    if (rule) return `${this.table.rule.indexOf(rule) + 1}: ${id}`;
    return this.decisions.some((decision) => decision.id === id) ? id : null;
  }
}

// dmn-js leaves the head of the rules' numbers empty, which says nothing to a reader.
function nameRuleColumn(root) {
  for (const head of root.querySelectorAll('th.index-column:empty')) {
    const name = document.createElement('span');
    name.className = 'vh';
    name.textContent = say('rule');
    head.append(name);
  }
}

function numberIn(text) {
  return Number(SPOT.exec(text)?.[2] ?? 0);
}

function namesIn(expression) {
  return expression.split(/[^\p{L}\p{N}_]+/u);
}

function owned(parent, collection, made) {
  parent.get(collection).push(made);
  made.$parent = parent;
  return made;
}
