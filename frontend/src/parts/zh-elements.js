// What an element is, as the head of the properties panel names it: an event's name is composed of its parts.
const EVENTS = { 'Start Event': '开始事件', 'End Event': '结束事件', 'Boundary Event': '边界事件', 'Intermediate Catch Event': '中间捕获事件', 'Intermediate Throw Event': '中间抛出事件' };
const WAITS_FOR = { 'Message': '消息', 'Timer': '定时', 'Signal': '信号', 'Error': '错误', 'Escalation': '升级', 'Conditional': '条件', 'Compensate': '补偿', 'Cancel': '取消', 'Link': '链接', 'Terminate': '终止' };

const words = {
  'Process': '流程', 'Collaboration': '协作', 'Participant': '泳池', 'Lane': '泳道', 'Group': '组', 'Text Annotation': '文本注释', 'Association': '关联',
  'Task': '任务', 'User Task': '用户任务', 'Service Task': '服务任务', 'Script Task': '脚本任务', 'Business Rule Task': '规则任务', 'Send Task': '发送任务', 'Receive Task': '接收任务', 'Manual Task': '手动任务', 'Call Activity': '引用流程',
  'Gateway': '网关', 'Exclusive Gateway': '独占网关', 'Parallel Gateway': '并行网关', 'Inclusive Gateway': '包容网关', 'Complex Gateway': '复杂网关', 'Event Based Gateway': '事件网关',
  'Event Sub Process': '事件子流程', 'Expanded Sub Process': '展开的子流程', 'Collapsed Sub Process': '折叠的子流程', 'Expanded Ad Hoc Sub Process': '展开的即席子流程', 'Collapsed Ad Hoc Sub Process': '折叠的即席子流程', 'Transaction': '事务',
  'Sequence Flow': '顺序流', 'Conditional Flow': '条件流', 'Default Flow': '默认流', 'Message Flow': '消息流',
  'Data Object Reference': '数据对象引用', 'Data Store Reference': '数据存储引用', 'Data Input': '数据输入', 'Data Output': '数据输出', 'Data Input Association': '数据输入关联', 'Data Output Association': '数据输出关联',
  ...EVENTS,
};
for (const [cause, causeZh] of Object.entries(WAITS_FOR)) {
  for (const [event, eventZh] of Object.entries(EVENTS)) {
    words[`${cause} ${event}`] = causeZh + eventZh;
    words[`${cause} ${event} (Non Interrupting)`] = `${causeZh}${eventZh}（非中断）`;
  }
}
export default words;
