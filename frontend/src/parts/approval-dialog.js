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
  const places = modeler.get('elementRegistry').filter((each) => isPlace(each, where));
  const options = places.map((each) => new Option(each.businessObject.name, each.id));
  form.elements.otherwise.replaceChildren(new Option(say('drawn'), ''), ...options);
  form.elements.otherwise.value = isRead(where.waypoints ? where.target : where) ? '' : refusal(modeler, places);
}

// Whether the way on, up to its first fork or the next person, asks what was decided: else a "no" must be led somewhere.
function isRead(element, steps = 20) {
  const flows = (element.outgoing || []).filter(({ businessObject: flow }) => flow.$type === 'bpmn:SequenceFlow');
  if (flows.some(({ businessObject: flow }) => /\bdecision\b/.test(flow.conditionExpression?.body || ''))) return true;
  const [next, ...others] = flows.map(({ target }) => target);
  return Boolean(next) && !others.length && next.businessObject.$type !== 'bpmn:UserTask' && steps > 0 && isRead(next, steps - 1);
}

// Where the diagram leads what was rejected, else an end that is called so.
function refusal(modeler, places) {
  const flow = modeler.get('elementRegistry').find(({ waypoints, businessObject: what }) => waypoints && /"rejected"/.test(what.conditionExpression?.body || ''));
  const drawn = places.find(({ id }) => id === flow?.target.id);
  return (drawn ?? places.find(({ businessObject: what }) => what.$type === 'bpmn:EndEvent' && /reject|拒绝|驳回/i.test(what.name)))?.id ?? '';
}

function isPlace({ id, labelTarget, businessObject: what }, where) {
  return !labelTarget && id !== where.id && ENDS.test(what?.$type || '') && Boolean(what.name);
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
