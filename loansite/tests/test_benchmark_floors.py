"""The benchmarks compare the figures that they print with floors and goals."""

from benchmarks import floors, table


def compared(part, name, **figures):
    """Return the rows of the table of floors for one printed row of a part."""
    printed = table.lines("A title", ["what", *figures], [[name, *figures.values()]])
    return table.cells(floors.lines({part: printed}))


def test_a_figure_is_compared_with_its_floor_and_its_goal():
    row = compared("http", "ours, one row", ratio="20.00 x")["one row: x the article's server"]
    assert (row["measured"], row["floor is"], row["goal is"]) == ("20", "held", "missed")


def test_a_duration_is_to_be_below_its_floor_and_its_goal():
    row = compared("train", "train on the real table", seconds="5.01")["train, whole command, s"]
    assert (row["measured"], row["floor is"], row["goal is"]) == ("5.01", "missed", "missed")


def test_a_figure_that_no_table_shows_is_not_measured():
    row = compared("http", "ours, one row", ratio="20.00 x")["train, whole command, s"]
    assert (row["measured"], row["floor is"]) == ("not measured", "-")


def test_the_slowest_page_stands_for_all():
    printed = table.lines("A title", ["page", "ratio"], [["first page", "1.03 x"], ["denied", "1,004.00 x"]])
    row = table.cells(floors.lines({"history": printed}))["slowest list, sort or filter: 10^6 / 10^4"]
    assert (row["measured"], row["floor is"]) == ("1,004", "missed")
