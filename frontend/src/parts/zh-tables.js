// The decision table editor's words.
export default {
  'Add input': '添加输入列', 'Add output': '添加输出列', 'Add rule': '添加规则', 'Add rule above': '在上方添加规则', 'Add rule below': '在下方添加规则',
  'Add input column left': '在左侧添加输入列', 'Add input column right': '在右侧添加输入列', 'Add output column left': '在左侧添加输出列', 'Add output column right': '在右侧添加输出列',
  'Copy rule': '复制规则', 'Cut rule': '剪切规则', 'Paste rule above': '粘贴到上方', 'Paste rule below': '粘贴到下方', 'Remove rule': '删除规则', 'Move rule': '移动规则',
  'Copy input column': '复制输入列', 'Cut input column': '剪切输入列', 'Remove input column': '删除输入列', 'Paste input column left': '粘贴到左侧', 'Paste input column right': '粘贴到右侧',
  'Copy output column': '复制输出列', 'Cut output column': '剪切输出列', 'Remove output column': '删除输出列', 'Paste output column left': '粘贴到左侧', 'Paste output column right': '粘贴到右侧',
  'Add cell description': '添加单元格说明', 'Remove cell description': '删除单元格说明', 'Change cell expression language': '更改表达式语言',
  'When': '当', 'And': '且', 'Then': '则', 'Annotation': '备注', 'Annotations': '备注', 'Hit policy': '命中策略', 'Hit policy:': '命中策略：', 'Decision name': '决策名称', 'Decision name: ': '决策名称：',
  'Input': '输入', 'Output': '输出', 'Input label': '输入名称', 'Input label: ': '输入名称：', 'Output label': '输出名称', 'Output label: ': '输出名称：', 'Output name': '输出变量', 'Output name: ': '输出变量：', 'Input expression': '输入表达式', 'Input expression: ': '输入表达式：', 'Input type': '输入类型', 'Output type': '输出类型', 'Input values': '输入取值', 'Output values': '输出取值', 'Expression': '表达式', 'Enter expression': '输入表达式', 'Expression language': '表达式语言', 'Expression language: {expressionLanguageLabel}': '表达式语言：{expressionLanguageLabel}',
  'Predefined values': '预设值', 'Add predefined values': '添加预设值', 'Clear predefined values': '清除预设值', 'Custom values': '自定义值', 'Add values': '添加值', 'No values': '没有值', 'Values': '值', 'Value': '值', 'Type': '类型', 'Test type': '判断方式',
  'Edit': '编辑', 'Edit input': '编辑输入', 'Edit output': '编辑输出', 'Edit string': '编辑文本', 'Edit number': '编辑数字', 'Edit boolean': '编辑布尔值', 'Edit date': '编辑日期', 'Edit date and time': '编辑日期时间', 'Edit time': '编辑时间', 'Edit duration': '编辑时长',
  'Comparison': '比较', 'Comparison operator': '比较符', 'Equals': '等于', 'Greater': '大于', 'Greater or equals': '大于等于', 'Less': '小于', 'Less or equals': '小于等于', 'Range': '区间', 'Include': '包含', 'Exclude': '不包含', 'Start value': '起始值', 'End value': '结束值', 'Match one': '匹配其一', 'Match none': '均不匹配', 'Yes': '是', 'No': '否', 'Exactly': '正好', 'Before': '早于', 'After': '晚于', 'Between': '介于', 'Date': '日期', 'Time': '时间', 'Date and time': '日期时间', 'Use today': '用今天', 'Use now': '用现在',
  'String value': '文本值', 'Strings must be in double quotes': '文本须用双引号括起', 'Date value': '日期值', 'Time value': '时间值', 'Boolean value': '布尔值', 'Duration value': '时长值',
  'View DRD': '查看决策关系图', 'Resize': '调整宽度', 'Editing not supported for set expression language': '该表达式语言不支持编辑',
};
