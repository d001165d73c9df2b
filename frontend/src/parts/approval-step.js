// Turns a step into an approval that the inbox can carry out, as one step of the undo history:
// who is asked, with which form, until when, who may not decide, and where "no" leads.

import { routeAround } from './route.js';

const ROOM = 50;
const COMMAND = 'placet.approval';

class MakeApproval {
  constructor(modeling, bpmnFactory, bpmnReplace, elementFactory, elementRegistry, spaceTool, canvas) {
    Object.assign(this, { modeling, bpmnFactory, bpmnReplace, elementFactory, elementRegistry, spaceTool, canvas });
  }

  preExecute(context) {
    const { where, plan } = context;
    let task = where.waypoints ? this.insert('bpmn:UserTask', where) : where;
    if (task.businessObject.$type !== 'bpmn:UserTask') task = this.bpmnReplace.replaceElement(task, { type: 'bpmn:UserTask' });
    this.describe(task, plan);
    if (plan.otherwise) this.branch(task, plan);
    context.result = task;
  }

  describe(task, { team, name, days, reason }) {
    const what = task.businessObject;
    this.modeling.updateProperties(task, {
      name,
      'camunda:assignee': undefined,
      'camunda:candidateUsers': undefined,
      'camunda:candidateGroups': team,
      'camunda:formKey': 'approval',
      'camunda:dueDate': `= now() + duration("P${days}D")`,
    });
    if (/^(Activity|Task)_/.test(task.id)) this.rename(task, idOf(name));
    const inputs = reason ? [this.make('camunda:InputParameter', { name: 'reasons', value: reason })] : [];
    const properties = [
      this.make('camunda:Property', { name: 'approval.mode', value: 'one' }),
      this.make('camunda:Property', { name: 'approval.excluded', value: '[requester]' }),
    ];
    const kept = (what.extensionElements?.values || []).map((each) => each);
    const values = this.merged(kept, 'camunda:InputOutput', 'inputParameters', inputs);
    this.setExtensions(task, this.merged(values, 'camunda:Properties', 'values', properties));
  }

  // Adds entries by name to the extension element of this kind; what else stands there stays.
  merged(values, type, list, entries) {
    const present = values.find(({ $type }) => $type === type);
    if (!entries.length) return values;
    const names = new Set(entries.map(({ name }) => name));
    const others = (present?.[list] || []).filter(({ name }) => !names.has(name));
    const more = type === 'camunda:InputOutput' ? { outputParameters: present?.outputParameters || [] } : {};
    const made = this.make(type, { ...more, [list]: [...others, ...entries] });
    return [...values.filter((each) => each !== present), made];
  }

  setExtensions(task, values) {
    const extensions = this.make('bpmn:ExtensionElements', { values });
    for (const value of values) value.$parent = extensions;
    extensions.$parent = task.businessObject;
    this.modeling.updateProperties(task, { extensionElements: extensions });
  }

  make(type, attributes) {
    const made = this.bpmnFactory.create(type, attributes);
    for (const value of Object.values(attributes).flat()) if (value?.$type) value.$parent = made;
    return made;
  }

  // "yes" goes on as before, everything else to where the plan says.
  branch(task, { otherwise, labels }) {
    const [onward] = task.outgoing.filter(({ businessObject: flow }) => flow.$type === 'bpmn:SequenceFlow');
    const target = this.elementRegistry.get(otherwise);
    if (!onward || !target) return;
    const gateway = this.insert('bpmn:ExclusiveGateway', onward);
    this.modeling.updateProperties(gateway, { name: labels.question });
    this.rename(gateway, `${task.id}_given`);
    const [yes] = gateway.outgoing;
    const condition = this.make('bpmn:FormalExpression', { body: 'decision = "approved"' });
    this.modeling.updateProperties(yes, { name: labels.yes, conditionExpression: condition });
    const no = this.modeling.connect(gateway, target, { type: 'bpmn:SequenceFlow' });
    this.rename(no, `${gateway.id}_to_${target.id}`);
    this.modeling.updateWaypoints(no, routeAround(gateway, target, this.around(no)));
    this.modeling.updateProperties(no, { name: labels.no });
    this.modeling.updateProperties(gateway, { default: no.businessObject });
  }

  // What is drawn where a flow runs. Flows to the same target it may join.
  around(flow) {
    const { source, target, parent } = flow;
    const drawn = this.elementRegistry.filter((each) => each.parent === parent && each !== flow);
    const isEnclosing = ({ businessObject: what }) => what.$instanceOf?.('bpmn:Lane') || what.$instanceOf?.('bpmn:Group');
    const boxes = drawn.filter((each) => !each.waypoints && each !== source && each !== target && !isEnclosing(each));
    return {
      shapes: boxes.filter(({ labelTarget }) => !labelTarget),
      labels: boxes.filter(({ labelTarget }) => labelTarget),
      flows: drawn.filter((each) => each.waypoints && each.target !== target),
    };
  }

  // Puts a new element into a flow, after making room for it.
  insert(type, flow) {
    const shape = this.elementFactory.createShape({ type });
    const { axis, size } = this.directionOf(flow);
    this.makeRoom(flow, axis, shape[size] + 2 * ROOM);
    const made = this.modeling.createShape(shape, this.middleOf(flow, axis), flow);
    for (const each of [...made.incoming, ...made.outgoing]) {
      if (/^Flow_|^SequenceFlow_/.test(each.id)) this.rename(each, `${each.source.id}_to_${each.target.id}`);
    }
    return made;
  }

  directionOf({ waypoints }) {
    const first = waypoints[0];
    const last = waypoints[waypoints.length - 1];
    const isAcross = Math.abs(last.x - first.x) >= Math.abs(last.y - first.y);
    return isAcross ? { axis: 'x', size: 'width' } : { axis: 'y', size: 'height' };
  }

  makeRoom({ waypoints, target }, axis, wanted) {
    const first = waypoints[0][axis];
    const last = waypoints[waypoints.length - 1][axis];
    const missing = wanted - (last - first);
    if (last <= first || missing <= 0) return;
    const everything = this.elementRegistry.filter(({ parent, root }) => parent && !root);
    const start = target[axis] - 1;
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(everything, axis, missing, start);
    const delta = { x: 0, y: 0, [axis]: missing };
    this.modeling.createSpace(movingShapes, resizingShapes, delta, axis === 'x' ? 'e' : 's', start);
  }

  // The middle of the flow's longest stretch along this axis: a point on the drawn line.
  middleOf({ waypoints }, axis) {
    const stretches = waypoints.slice(1).map((to, n) => [waypoints[n], to]);
    const length = ([from, to]) => Math.abs(to[axis] - from[axis]);
    const [from, to] = stretches.reduce((longest, each) => (length(each) > length(longest) ? each : longest));
    return { x: Math.round((from.x + to.x) / 2), y: Math.round((from.y + to.y) / 2) };
  }

  rename(element, wanted) {
    if (!wanted) return;
    let id = wanted;
    for (let n = 2; this.elementRegistry.get(id) && id !== element.id; n += 1) id = `${wanted}_${n}`;
    this.modeling.updateProperties(element, { id });
  }
}
MakeApproval.$inject = ['modeling', 'bpmnFactory', 'bpmnReplace', 'elementFactory', 'elementRegistry', 'spaceTool', 'canvas'];

// Ids are names, since history and records quote them; a name without Latin letters keeps the made-up one.
function idOf(name) {
  const id = name.normalize('NFD').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(id) ? id.slice(0, 60) : '';
}

// `where` is a flow, into which a new step is put, or a task, which becomes the approval.
export function makeApproval(modeler, where, plan) {
  const stack = modeler.get('commandStack');
  if (!stack._handlerMap[COMMAND]) stack.registerHandler(COMMAND, MakeApproval);
  const context = { where, plan };
  stack.execute(COMMAND, context);
  return context.result;
}
