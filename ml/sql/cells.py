"""The first stage of a query: the application's columns, read as the model reads them."""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from ml.expressions.nodes import Tree
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import Schema
from ml.sql import Dialect
from ml.sql.expressions import expression_sql, number_column, text_column
from ml.sql.stages import Stage
from ml.sql.words import integer, is_null, quoted_column, text_literal


class Cells:
    """Names and reads the columns of an application that a query needs.

    Columns have short names in a query, since PostgreSQL cuts long ones: ``cell_3`` is the third column of
    the schema as a number, or as the place of its choice from 0; ``text_3`` is its text. A text that is none
    of the choices is missing.
    """

    def __init__(self, schema: Schema, dialect: Dialect) -> None:
        self.schema = schema
        self._dialect = dialect
        self._places = {column: place for place, column in enumerate(schema.columns, 1)}

    def cell(self, column: str) -> exp.Column:
        """Return a number, or the place of a choice."""
        return quoted_column(f"cell_{self._places[column]}")

    def is_missing(self, columns: Iterable[str]) -> list[exp.Expr]:
        """Return a test for each of `columns`."""
        return [is_null(self.cell(column)) for column in columns]

    def formula(self, tree: Tree) -> exp.Expr:
        """Return a formula on the cells."""
        return expression_sql(tree, self._dialect, self._operand)

    def _operand(self, column: str) -> exp.Expr:
        if column in self.schema.numbers:
            return self.cell(column)
        return quoted_column(f"text_{self._places[column]}")

    def stage(self) -> Stage:
        """Return every column of the schema; a query keeps those that it reads."""
        cells = {self.cell(feature.column).name: self._cell(feature) for feature in self.schema.features}
        texts = {
            self._operand(feature.column).name: self._text(feature)
            for feature in self.schema.features
            if feature.kind is Kind.CATEGORY
        }
        return cells | texts

    def _cell(self, feature: Feature) -> exp.Expr:
        if feature.kind is Kind.NUMBER:
            return number_column(feature.column, self._dialect, "")
        case = exp.case(text_column(feature.column, self._dialect, ""))
        for text, code in self._codes(feature):
            case = case.when(text_literal(text), integer(code), copy=False)
        return case

    def _text(self, feature: Feature) -> exp.Expr:
        """Return the text of a choice; numbers that stand for one were mapped to its place."""
        case = exp.case(text_column(feature.column, self._dialect, ""))
        for text, code in self._codes(feature):
            case = case.when(text_literal(text), text_literal(str(feature.values[code])), copy=False)
        return exp.cast(case, exp.DType.BINARY) if self._dialect.loose_text else case

    def _codes(self, feature: Feature) -> Iterator[tuple[str, int]]:
        """Yield each text that means a choice, with the choice's place."""
        places = {str(value): code for code, value in enumerate(feature.values)}
        numbers = {
            spelling: places[value]
            for number, value in feature.numbers
            for spelling in (f"{number:.15g}", repr(number))
        }
        yield from (places | numbers).items()
