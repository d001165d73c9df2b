"""Small DMN documents: a test names only what it turns on."""

from collections.abc import Sequence

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(body: str, namespace: str = "urn:test", version: str = NAMESPACE) -> bytes:
    return (
        f'<definitions xmlns="{version}" xmlns:feel="urn:feel" id="d" name="test" namespace="{namespace}">'
        f"{body}</definitions>"
    ).encode()


def input_data(name: str, kind: str = "") -> str:
    return f'<inputData id="{name}_data" name="{name}"><variable name="{name}"{_type(kind)}/></inputData>'


def needs_input(*names: str) -> str:
    return "".join(
        f'<informationRequirement><requiredInput href="#{name}_data"/></informationRequirement>'
        for name in names
    )


def needs_decision(*ids: str) -> str:
    return "".join(
        f'<informationRequirement><requiredDecision href="#{each}"/></informationRequirement>' for each in ids
    )


def needs_knowledge(*ids: str) -> str:
    return "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{each}"/></knowledgeRequirement>' for each in ids
    )


def literal(text: str, attributes: str = "") -> str:
    return f"<literalExpression {attributes}><text>{escape(text)}</text></literalExpression>"


def decision(name: str, body: str, kind: str = "", needs: str = "") -> str:
    return f'<decision id="{name}_id" name="{name}"><variable name="{name}"{_type(kind)}/>{needs}{body}</decision>'


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    policy: str = "",
    aggregation: str = "",
) -> str:
    """Build a table; an input is `expression`, `expression:type` or either with `|allowed`, an output likewise."""
    attributes = (f' hitPolicy="{policy}"' if policy else "") + (
        f' aggregation="{aggregation}"' if aggregation else ""
    )
    columns = "".join(_input(each) for each in inputs) + "".join(_output(each) for each in outputs)
    rows = "".join(_rule(number, rule, len(inputs)) for number, rule in enumerate(rules, 1))
    return f'<decisionTable id="table"{attributes}>{columns}{rows}</decisionTable>'


def _input(text: str) -> str:
    head, _, allowed = text.partition("|")
    expression, _, kind = head.partition(":")
    values = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    source = f"<inputExpression{_type(kind)}><text>{expression}</text></inputExpression>"
    return f"<input>{source}{values}</input>"


def _output(text: str) -> str:
    head, _, rest = text.partition("|")
    allowed, _, default = rest.partition("|")
    name, _, kind = head.partition(":")
    values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
    entry = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    return f'<output name="{name}"{_type(kind)}>{values}{entry}</output>'


def _rule(number: int, cells: Sequence[str], inputs: int) -> str:
    entries = "".join(
        f"<{tag}><text>{escape(cell)}</text></{tag}>"
        for position, cell in enumerate(cells)
        for tag in ["inputEntry" if position < inputs else "outputEntry"]
    )
    return f'<rule id="r{number}"><description>rule {number}</description>{entries}</rule>'


def _type(kind: str) -> str:
    return f' typeRef="{kind}"' if kind else ""


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
