"""From a DMN document to a model: elements first, then what they need, then their expressions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rules.dmn.boxed import LOGIC_TAGS, read_function, read_inside
from rules.dmn.errors import DmnError
from rules.dmn.graph import Decision, InputData, Knowledge, Need, Node, Service
from rules.dmn.model import Model
from rules.dmn.scope import Fault, Surroundings
from rules.dmn.table import DecisionTable
from rules.dmn.types import TypeLibrary
from rules.dmn.xml import Element, read
from rules.feel.compile import compile_in
from rules.feel.errors import FeelSyntaxError
from rules.feel.lexer import is_plain_name
from rules.feel.types import FunctionType, Type

_KINDS: Final[Mapping[str, type[Node]]] = {
    "inputData": InputData,
    "decision": Decision,
    "businessKnowledgeModel": Knowledge,
    "decisionService": Service,
}
DEEPEST: Final = 50
"""How many models may import each other in a row."""
_REQUIREMENTS: Final = ("informationRequirement", "knowledgeRequirement")
_REQUIRED: Final = ("requiredInput", "requiredDecision", "requiredKnowledge")


def load(document: bytes, imports: Mapping[str, bytes | Model] | None = None) -> Model:
    """Read a document; `imports` holds the documents that it imports by namespace, location or name."""
    return _Loader(read(document), _Library(imports or {})).load()


class _Library:
    """The documents that may be imported: each is read once, however many import it."""

    def __init__(self, documents: Mapping[str, bytes | Model]) -> None:
        self._documents = documents
        self._models: dict[bytes, Model] = {}
        self._open: list[bytes] = []

    def find(self, keys: Sequence[str], element: Element) -> Model:
        document = next((self._documents[key] for key in keys if key and key in self._documents), None)
        if document is None:
            raise DmnError(element.label, f"the imported model {keys[0]!r} is not there")
        if isinstance(document, Model):
            return document
        if document in self._open:
            raise DmnError(element.label, "it imports itself, through what it imports")
        if len(self._open) >= DEEPEST:
            raise DmnError(element.label, f"models import each other more than {DEEPEST} deep")
        if document not in self._models:
            self._open.append(document)
            self._models[document] = _Loader(read(document), self).load()
            self._open.pop()
        return self._models[document]


class _Loader:
    """The loading of one document."""

    def __init__(self, definitions: Element, importable: _Library) -> None:
        self._definitions = definitions
        self._namespace = definitions.get("namespace") or ""
        self._importable = importable
        self._faults: list[Fault] = []
        self._tables: list[DecisionTable] = []
        self._nodes: dict[str, Node] = {}
        self._elements: dict[str, Element] = {}
        self._aliases: dict[str, tuple[str, Model]] = {}

    def load(self) -> Model:
        for element in self._definitions.children("import"):
            self._import(element)
        self._library = self._read_types()
        for element in self._definitions.children(*_KINDS):
            self._declare(element)
        for identifier, element in self._elements.items():
            self._link(self._nodes[identifier], element)
        _refuse_circles(self._nodes.values())
        for identifier, element in self._elements.items():
            self._fill(self._nodes[identifier], element)
        return Model(
            self._definitions.get("name") or "",
            self._namespace,
            self._nodes,
            self._aliases,
            self._library.types,
            frozenset(self._library.members),
            tuple(self._faults),
            tuple(self._tables),
        )

    def _import(self, element: Element) -> None:
        namespace = element.get("namespace") or ""
        if "DMN" not in (element.get("importType") or ""):
            return  # PMML and other documents that no FEEL expression reads
        alias = " ".join((element.get("name") or "").split())
        keys = (namespace, element.get("locationURI") or "", alias)
        model = self._importable.find(keys, element)
        self._aliases[namespace] = (alias, model)

    def _read_types(self) -> TypeLibrary:
        imported: dict[str, Type] = {}
        members: set[str] = set()
        for alias, model in self._aliases.values():
            prefix = f"{alias}." if alias else ""
            imported.update({f"{prefix}{name}": kind for name, kind in model.types.items()})
            members |= model.members | {node.name for node in model.nodes.values()}
        try:
            library = TypeLibrary(self._definitions, imported)
        except FeelSyntaxError as error:
            raise DmnError("itemDefinition", str(error)) from None
        library.members |= members
        return library

    def _declare(self, element: Element) -> None:
        name = " ".join((element.get("name") or "").split())
        identifier = element.id or name
        if not identifier:
            raise DmnError(element.label, "it has neither a name nor an id")
        if identifier in self._nodes:
            raise DmnError(element.label, f"the id {identifier!r} is there twice")
        variable = element.child("variable")
        around = self._surroundings(element, frozenset())
        kind = around.variable_type(variable)
        self._nodes[identifier] = _KINDS[element.tag](identifier, name or identifier, self._namespace, kind)
        self._elements[identifier] = element

    def _link(self, node: Node, element: Element) -> None:
        if isinstance(node, Decision | Knowledge):
            for requirement in element.children(*_REQUIREMENTS):
                for required in requirement.children(*_REQUIRED):
                    node.needs.append(self._follow(required))
        elif isinstance(node, Service):
            node.inputs += [self._follow(each).node for each in element.children("inputData")]
            node.inputs += [self._follow(each).node for each in element.children("inputDecision")]
            node.outputs += [self._follow(each).node for each in element.children("outputDecision")]

    def _follow(self, reference: Element) -> Need:
        href = reference.get("href") or ""
        namespace, _, identifier = href.rpartition("#")
        if namespace in {"", self._namespace}:
            nodes, alias = self._nodes, ""
        elif namespace in self._aliases:
            alias, model = self._aliases[namespace]
            nodes = dict(model.nodes)
        else:
            raise DmnError(reference.tag, f"{href!r} leads to no imported model")
        if identifier not in nodes:
            raise DmnError(reference.tag, f"{href!r} leads to no element")
        return Need(alias, nodes[identifier])

    def _fill(self, node: Node, element: Element) -> None:
        if isinstance(node, Decision):
            node.needs += self._implied_inputs(element, node)
            if element.child(*LOGIC_TAGS) is not None:
                around = self._surroundings(element, _names(node.needs))
                node.logic = read_inside(element, replace(around, variables=_types(node.needs)))
        elif isinstance(node, Knowledge):
            self._fill_knowledge(node, element)
        elif isinstance(node, Service):
            node.type = _result_type(node.type)

    def _implied_inputs(self, element: Element, node: Decision) -> list[Need]:
        """Take what the columns of a table drawn without any requirement read, as editors leave it."""
        table = element.child("decisionTable")
        if table is None or element.child("informationRequirement") is not None:
            return []
        around = self._surroundings(element, _names(node.needs))
        found: dict[str, Need] = {}
        for source in filter(None, (each.child("inputExpression") for each in table.children("input"))):
            for name, kind in _read_by(source, around):
                data = InputData(f"{node.id}/{name}", name, self._namespace, kind)
                found.setdefault(name, Need("", data))
        return list(found.values())

    def _fill_knowledge(self, node: Knowledge, element: Element) -> None:
        node.type = _result_type(node.type)
        function = element.child("encapsulatedLogic")
        if function is not None:
            around = self._surroundings(element, _names(node.needs))
            _, node.parameters, node.logic = read_function(function, around)

    def _surroundings(self, element: Element, names: frozenset[str]) -> Surroundings:
        owner = element.get("name") or element.id
        return Surroundings(owner, names, self._library, self._faults, self._tables)


def _names(needs: list[Need]) -> frozenset[str]:
    return frozenset(need.alias or need.node.name for need in needs)


def _types(needs: list[Need]) -> dict[str, Type]:
    """Return what data and decisions are declared to be; their values are that or null."""
    return {
        need.node.name: need.node.type
        for need in needs
        if not need.alias and isinstance(need.node, InputData | Decision) and need.node.type is not None
    }


def _read_by(source: Element, around: Surroundings) -> list[tuple[str, Type | None]]:
    """Return the variables that a column's expression reads, with the type that it declares for its value."""
    text = " ".join((source.text_of("text") or "").split())
    if is_plain_name(text):
        return [] if text in around.names else [(text, around.type_of(source))]
    try:
        expression = compile_in(text, around.scope)
    except FeelSyntaxError:
        return []  # told when the table is read
    return [(name, None) for name in expression.unknown if name not in expression.unknown_functions]


def _result_type(kind: Type | None) -> Type | None:
    """Return what calling gives: a function's variable may declare the function or just its result."""
    return kind.result if isinstance(kind, FunctionType) else kind


def _refuse_circles(nodes: Iterable[Node]) -> None:
    settled: set[Node] = set()
    for start in nodes:
        path: list[tuple[Node, list[Node]]] = [(start, _needed(start))]
        walking = {start}
        while path:
            node, rest = path[-1]
            if not rest:
                path.pop()
                walking.discard(node)
                settled.add(node)
                continue
            following = rest.pop()
            if following in walking:
                raise DmnError(following.name, "it needs itself, through what it requires")
            if following not in settled:
                walking.add(following)
                path.append((following, _needed(following)))


def _needed(node: Node) -> list[Node]:
    if isinstance(node, Decision | Knowledge):
        return [need.node for need in node.needs if not isinstance(need.node, Service)]
    return []
