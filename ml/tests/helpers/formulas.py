"""Random formulas, and rows of awkward values for them."""

import math

from ml.errors import ExpressionError
from ml.expressions.nodes import Worst
from ml.expressions.parser import NumberType, TextType, parse

TEXTS = ("Urban", "urban", "Ländlich", "it's", 'a "b"', "back\\slash", "1", " ")
NUMBER_COLUMNS = ("a", "b", "c", "other-income", "select")
TEXT_COLUMNS = ("area", "home area")
COLUMNS = dict.fromkeys(NUMBER_COLUMNS, NumberType()) | dict.fromkeys(TEXT_COLUMNS, TextType(TEXTS))

_CELLS = (
    0.0, -0.0, 1.0, -1.0, 2.0, 3.0, 0.1, -0.1, 1000.0, 33.3, 1e-15, 9.999e-16, -1e-15, 5e-324, 1e-300,
    1e15, -1e15, 1.0000000000000002e15, 1e300, 1e-8, 123456.789,
)  # fmt: skip
_LITERALS = ("0", "1", "2", "3", "0.1", "1000", "33.3", "1e-15", "1e15", ".5", "59.33777160677786", "12")


def random_rows(random, count):
    """Rows with gaps, both signs of zero, extremes and texts."""
    return [
        {name: _cell(random) for name in NUMBER_COLUMNS}
        | {name: random.choice([None, "", *TEXTS]) for name in TEXT_COLUMNS}
        for _ in range(count)
    ]


def random_trees(random, count):
    """Parsed formulas of both kinds; those over a limit are left out."""
    trees = []
    while len(trees) < count:
        try:
            trees.append(_random_tree(random))
        except ExpressionError:
            continue
    return trees


def _random_tree(random):
    want = random.choice(["number", "number", "truth", "value", "worst"])
    if want == "value":
        return parse(_name(random, TEXT_COLUMNS), COLUMNS, "value")
    text = _truth(random, 4) if want == "truth" else _number(random, 5)
    if want != "worst":
        return parse(text, COLUMNS, want)
    condition = parse(_truth(random, 2), COLUMNS, "truth")
    return Worst(parse(text, COLUMNS), condition, random.random() < 0.5)


def _cell(random):
    choice = random.random()
    if choice < 0.15:
        return None
    if choice < 0.75:
        return random.choice(_CELLS)
    return math.copysign(10 ** random.uniform(-16, 16), random.random() - 0.3)


def _name(random, names):
    return f"`{random.choice(names)}`"


def _number(random, levels):
    if levels == 0 or random.random() < 0.15:
        return random.choice(_LITERALS) if random.random() < 0.3 else _name(random, NUMBER_COLUMNS)
    parts = [_number(random, levels - 1) for _ in range(3)]
    match random.choice("aaaaaaanem"):
        case "n":
            return f"-({parts[0]})"
        case "e" | "m":
            return f"{random.choice(['min', 'max'])}({', '.join(parts[: random.randint(2, 3)])})"
    left, right = (f"({part})" if random.random() < 0.5 else part for part in parts[:2])
    return f"{left} {random.choice('+-*/')} {right}"


def _truth(random, levels):
    choice = random.random()
    if levels == 0 or choice < 0.35:
        return (
            f"{_number(random, 2)} {random.choice(['==', '!=', '<', '<=', '>', '>='])} {_number(random, 2)}"
        )
    if choice < 0.5:
        return _text_comparison(random)
    if choice < 0.6:
        value = _name(random, TEXT_COLUMNS) if random.random() < 0.4 else f"({_number(random, 2)})"
        return f"{value} is {random.choice(['missing', 'not missing'])}"
    if choice < 0.7:
        return f"not ({_truth(random, levels - 1)})"
    left, right = (f"({_truth(random, levels - 1)})" for _ in range(2))
    return f"{left} {random.choice(['and', 'or'])} {right}"


def _text_comparison(random):
    sides = [_name(random, TEXT_COLUMNS), _name(random, TEXT_COLUMNS)]
    if random.random() < 0.7:
        sides[1] = "'" + random.choice(TEXTS).replace("'", "''") + "'"
    random.shuffle(sides)
    return f"{sides[0]} {random.choice(['==', '!='])} {sides[1]}"
