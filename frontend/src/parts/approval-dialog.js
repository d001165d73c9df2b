// Asks a process owner the few things that make a step an approval, in their words.
import { makeApproval } from './approval-step.js';
import { say } from './words.js';

const TASK = /^bpmn:(Task|UserTask|ManualTask)$/;
const ENDS = /^bpmn:(EndEvent|ExclusiveGateway|Task|UserTask|ScriptTask|ServiceTask|SendTask)$/;

export function wireApproval(modeler, desk) {
  const dialog = document.getElementById('approval');
  const form = dialog.querySelector('form');
  let where = null;

  document.querySelector('[data-approval]').addEventListener('click', () => {
    where = chosen(modeler);
    if (!where) {
      desk.tell(say('choose_step'));
      return;
    }
    desk.hideBanner();
    fill(form, modeler, where);
    dialog.showModal();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const step = makeApproval(modeler, where, planOf(form));
    dialog.close();
    modeler.get('selection').select(step);
    modeler.get('canvas').scrollToElement(step, 120);
  });
}

function chosen(modeler) {
  const [only, ...others] = modeler.get('selection').get();
  if (!only || others.length) return null;
  const meant = only.labelTarget ?? only; // a flow's word stands for the flow
  const { $type: type } = meant.businessObject;
  return type === 'bpmn:SequenceFlow' || TASK.test(type) ? meant : null;
}

function fill(form, modeler, where) {
  const what = where.waypoints ? {} : where.businessObject;
  form.elements.name.value = what.name || say('approve');
  if (what.candidateGroups) form.elements.team.value = what.candidateGroups;
  if (!form.elements.team.value) form.elements.team.selectedIndex = 0;
  const near = modeler.get('elementRegistry').filter((each) => isPlace(each, where));
  const refused = refusal(near, where);
  const places = near.filter((each) => each !== refused && each.businessObject.name);
  const asDrawn = new Option(say('drawn'), '');
  const [first, ...others] = [refused, ...places].filter(Boolean).map((each) => new Option(each.businessObject.name || each.id, each.id));
  const isAsked = isRead(where.waypoints ? where.target : where);
  const options = isAsked || !refused ? [asDrawn, first, ...others] : [first, asDrawn, ...others];
  form.elements.otherwise.replaceChildren(...options.filter(Boolean));
  form.elements.otherwise.selectedIndex = 0;
}

const conditionOf = ({ businessObject: flow }) => flow.conditionExpression?.body || '';
const readsDecision = (flow) => /\bdecision\b/.test(conditionOf(flow));

// Whether the way on, up to its first fork or the next person, asks what was decided: else a "no" must be led somewhere.
function isRead(element, steps = 20) {
  const flows = (element.outgoing || []).filter(({ businessObject: flow }) => flow.$type === 'bpmn:SequenceFlow');
  if (flows.some(readsDecision)) return true;
  const [next, ...others] = flows.map(({ target }) => target);
  return Boolean(next) && !others.length && next.businessObject.$type !== 'bpmn:UserTask' && steps > 0 && isRead(next, steps - 1);
}

// Where a "no" goes by itself: to a fork that tells changes from a rejection, else to an end that is called so, else to
// where the diagram leads what was rejected.
function refusal(places, where) {
  const onward = ({ outgoing }) => outgoing.filter((flow) => readsDecision(flow) && !leadsTo(flow, where));
  const forks = places.filter((each) => isA('bpmn:ExclusiveGateway', each) && onward(each).length);
  const telling = forks.find((each) => onward(each).some((flow) => /"changes"/.test(conditionOf(flow))));
  const ends = places.filter((each) => isA('bpmn:EndEvent', each));
  const called = ends.find(({ id, businessObject: { name } }) => /reject|拒绝|驳回/i.test(`${name || ''} ${id}`));
  const led = places.find(({ incoming }) => incoming.some((flow) => /"rejected"/.test(conditionOf(flow)) && !leadsTo(flow, where)));
  return telling ?? forks[0] ?? called ?? led;
}

// Whether this flow comes, sooner or later, to the place of the approval: a "no" would be asked about again.
function leadsTo(flow, where) {
  const seen = new Set();
  const open = [flow];
  while (open.length) {
    const next = open.pop();
    if (next === where || next.target === where) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    const borders = next.target.attachers || [];
    open.push(...[next.target, ...borders].flatMap(({ outgoing }) => outgoing));
  }
  return false;
}

const isA = (type, { businessObject: what }) => what.$type === type;

// A flow stays in its process, or in its part of it.
function isPlace({ id, labelTarget, parent, businessObject: what }, where) {
  return !labelTarget && id !== where.id && parent === where.parent && ENDS.test(what?.$type || '');
}

function planOf(form) {
  const { name, team, days, reason, otherwise } = Object.fromEntries(new FormData(form));
  return {
    name: name.trim(),
    team,
    days: Number(days),
    reason: reason.trim(),
    otherwise,
    labels: { question: say('was_approved'), yes: say('yes'), no: say('no') },
  };
}
