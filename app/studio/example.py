"""A small table and its cases: what the description of the API shows, ready to be sent."""

from __future__ import annotations

from base64 import b64encode

_TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://placet">
  <inputData id="amount_data" name="amount">
    <variable id="amount_is" name="amount" typeRef="number"/>
  </inputData>
  <decision id="approval_policy" name="Approval policy">
    <variable id="result" name="approval_policy" typeRef="string"/>
    <informationRequirement id="needs_amount"><requiredInput href="#amount_data"/></informationRequirement>
    <decisionTable id="table" hitPolicy="UNIQUE">
      <input id="amount" label="amount">
        <inputExpression id="paid" typeRef="number"><text>amount</text></inputExpression>
      </input>
      <output id="o1" name="level" typeRef="string"/>
      <rule id="small">
        <inputEntry id="at_most"><text>&lt;= 1000</text></inputEntry>
        <outputEntry id="nobody"><text>"none"</text></outputEntry>
      </rule>
      <rule id="large">
        <inputEntry id="above"><text>&gt; 1000</text></inputEntry>
        <outputEntry id="lead"><text>"sales_lead"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""
_CASES = """amount,expect:level
1000,none
1000.01,sales_lead
"""
TABLE = b64encode(_TABLE.encode()).decode()
CASES = b64encode(_CASES.encode()).decode()
