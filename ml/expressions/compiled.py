"""Formulas for one application, as one generated Python function that computes every shared part once.

NumPy takes ten times as long for one row. The function's source is made of the tree's operators and of
numbered locals; names and texts of a formula reach it as constants, never as source.
"""

import math
from collections.abc import Callable, Sequence

from ml.applications.types import ApplicationValues, Value
from ml.expressions.nodes import (
    Arithmetic,
    Code,
    Comparison,
    Extreme,
    Logical,
    Missing,
    Negative,
    Not,
    Number,
    NumberColumn,
    Text,
    TextColumn,
    Tree,
    Worst,
    nodes_of,
)
from ml.expressions.sizes import LARGEST, SMALLEST

CompiledValues = Callable[[ApplicationValues], tuple[float | bool | None, ...]]

# A comparison is true, or false if its opposite is true; otherwise an operand is NaN.
_OPPOSITES = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def compile_values(trees: Sequence[Tree]) -> CompiledValues:
    """Return a function that computes `trees` for one application.

    Parameters
    ----------
    trees : sequence of Tree
        Formulas that give a number or a truth.

    Returns
    -------
    callable
        Maps the values by column (``None`` or NaN if missing) to a tuple: a float for a number, NaN if it is
        missing; True, False or None for a truth.
    """
    writer = _Writer()
    writer.read_numbers([node for tree in trees for node in nodes_of(tree) if isinstance(node, NumberColumn)])
    results = [writer.local(tree) for tree in trees]
    body = "\n  ".join([*writer.lines, f"return ({''.join(f'{name}, ' for name in results)})"])
    source = f"def make({', '.join(writer.constants)}):\n def values(row):\n  {body}\n return values\n"
    namespace: dict[str, Callable[..., CompiledValues]] = {}
    exec(compile(source, "<formulas>", "exec"), namespace)  # noqa: S102 # operators and numbered locals only
    return namespace["make"](**writer.constants)


class _Writer:
    """Writes one line for each distinct part of the formulas."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, object] = {
            "nan": math.nan, "inf": math.inf, "number": _number, "text": _text,
        }  # fmt: skip
        self._locals: dict[Tree, str] = {}

    def local(self, tree: Tree) -> str:
        """Return the local that holds `tree`, or the source of a written number."""
        if isinstance(tree, Number):
            return repr(tree.value)
        if tree in self._locals:
            return self._locals[tree]
        name = self._store(tree, self._source(tree))
        if isinstance(tree, TextColumn):
            self.lines.append(f"if {name}.__class__ is not str or not {name}: {name} = text({name})")
        return name

    def read_numbers(self, columns: Sequence[NumberColumn]) -> None:
        """Write the lines that read all columns of numbers; one test finds that every cell is a float."""
        names = [
            self._store(column, f"row[{self._constant(column.name)}]") for column in dict.fromkeys(columns)
        ]
        if names:
            self.lines.append(f"if not {' is '.join(f'{name}.__class__' for name in names)} is float:")
        self.lines += [f" if {name}.__class__ is not float: {name} = number({name})" for name in names]
        self.lines += [
            f"if not {SMALLEST!r} <= {name} <= {LARGEST!r}: {name} = number({name}) if {name} else 0.0"
            for name in names
        ]

    def _store(self, tree: Tree, source: str) -> str:
        name = f"v{len(self._locals)}"
        self.lines.append(f"{name} = {source}")
        self._locals[tree] = name
        return name

    def _constant(self, value: object) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _source(self, tree: Tree) -> str:
        match tree:
            case TextColumn(name):
                source = f"row[{self._constant(name)}]"
            case Text(text):
                source = self._constant(text or None)
            case Code(name, values):
                codes = {value: float(code) for code, value in enumerate(values) if value}
                source = f"{self._constant(codes)}.get(row[{self._constant(name)}], nan)"
            case Negative(value):
                source = f"-{self.local(value)}"
            case Arithmetic(operator, left, right):
                source = self._arithmetic(operator, self.local(left), self.local(right))
            case Extreme(function, values):
                source = self._extreme("<=" if function == "min" else ">=", [*map(self.local, values)])
            case Worst(value, condition, highest):
                worst = "inf" if highest else "-inf"
                source = f"{worst} if {self._condition(condition)} else {self.local(value)}"
            case _:
                source = self._truth(tree)
        return source

    def _arithmetic(self, operator: str, left: str, right: str) -> str:
        guard = f" if {right} else nan" if operator == "/" else ""
        return f"{left} {operator} {right}{guard}"

    def _extreme(self, better: str, values: list[str]) -> str:
        best, *others = values
        for number, value in enumerate(others, 1):
            choice = f"{best} if {best} {better} {value} else {value} if {value} {better} {best} else nan"
            if number == len(others):
                return choice
            best = f"best{len(self.lines)}"
            self.lines.append(f"{best} = {choice}")
        return best

    def _condition(self, tree: Tree) -> str:
        """Return source that is true where `tree` holds; a missing truth does not, which saves a test."""
        match tree:
            case Comparison("<" | "<=" | ">" | ">=" as operator, left, right):
                return f"{self.local(left)} {operator} {self.local(right)}"
        return self.local(tree)

    def _truth(self, tree: Tree) -> str:
        match tree:
            case Comparison(operator, left, right):
                return self._comparison(operator, left, right)
            case Missing(value, negated):
                return self._missing(value, negated)
            case Not(value):
                name = self.local(value)
                return f"None if {name} is None else not {name}"
            case Logical("and", left, right):
                return _three_valued(self.local(left), self.local(right), "False", "True")
            case Logical(_, left, right):
                return _three_valued(self.local(left), self.local(right), "True", "False")
        raise TypeError(f"{tree} is no formula.")

    def _comparison(self, operator: str, left: Tree, right: Tree) -> str:
        a, b = self.local(left), self.local(right)
        if left.kind == "text":
            return f"None if {a} is None or {b} is None else {a} {operator} {b}"
        if operator == "==":
            return f"{a} == {b} or (False if {a} < {b} or {a} > {b} else None)"
        if operator == "!=":
            return f"{a} < {b} or {a} > {b} or (False if {a} == {b} else None)"
        return f"{a} {operator} {b} or (False if {a} {_OPPOSITES[operator]} {b} else None)"

    def _missing(self, value: Tree, negated: bool) -> str:
        name = self.local(value)
        if value.kind == "text":
            return f"{name} is not None" if negated else f"{name} is None"
        return f"{name} == {name}" if negated else f"{name} != {name}"


def _three_valued(left: str, right: str, decisive: str, other: str) -> str:
    return (
        f"{decisive} if {left} is {decisive} or {right} is {decisive} "
        f"else None if {left} is None or {right} is None else {other}"
    )


def _number(value: Value) -> float:
    """Read a number that is missing, 0, negative, out of bounds or no Python float."""
    if value is None:
        return math.nan
    number = float(value)
    size = abs(number)
    if size > LARGEST:
        return math.nan
    return 0.0 if size < SMALLEST else number


def _text(value: Value) -> str | None:
    return str(value) if isinstance(value, str) and value else None
