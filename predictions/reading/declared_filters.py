"""The filters of the lists, each declared once.

Every door derives what it needs from a declaration: the history page its form, the words above its list and
its addresses, the CSV file its rows, the API its query parameters and their schema.
`docs/how-to/add-a-filter.md` shows how to add a filter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import QuerySet
from django.utils.formats import date_format

from ml.applications.values import loan_id_for_search
from ml.errors import InvalidValue
from predictions.models import Decision, Prediction, Proposal
from predictions.reading import filters
from predictions.reading.applications import ApplicationState, in_state
from predictions.reading.blocks.codes import Known, TimeRange, at_least, at_most, equal_to, owner_codes
from predictions.roles import SEE_ALL
from predictions.words.policies import ADVICE
from predictions.words.times import end_of, start_of
from predictions.words.written import PLAIN_LINE

Rows = QuerySet[Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueKind(Generic[T]):
    """A kind of values: how the doors read, offer and describe them.

    `read` and `read_entry` take the text of an address and raise `InvalidValue` if they refuse it.
    """

    read: Callable[[str], T]
    read_entry: Callable[[str], object] | None = None  # in place of `read` where the page takes other texts
    from_entry: Callable[[Any], T] = lambda entry: entry  # an entry that was read to the value to filter by
    schema: dict[str, object]  # of the API's parameter
    choices: Sequence[tuple[str, str]] = ()  # texts and labels of a menu; without them the page has an input
    input_attributes: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    show: Callable[[str], str] = str  # an accepted entry, in words

    @property
    def entry_rule(self) -> Callable[[str], object]:
        """Return the rule for the page's entries."""
        return self.read_entry or self.read


def _choice(choices: Sequence[tuple[str, str]], show: Callable[[str], str] = str) -> ValueKind[str]:
    """Return the kind of values of a menu; `show` writes the label of a choice within a sentence."""
    labels = dict(choices)
    return ValueKind(
        read=filters.read_choice(list(labels)),
        schema={"type": "string", "enum": list(labels)},
        choices=choices,
        show=lambda entry: show(labels[entry]),
    )


def _switch(yes: str, no: str) -> ValueKind[bool]:
    """Return the kind of yes and no, with the labels that they have on the page."""
    labels = {"yes": yes, "no": no}
    return ValueKind(
        read=_read_flag("true", "false"),
        read_entry=_read_flag(*labels),
        schema={"type": "boolean"},
        choices=tuple(labels.items()),
        show=lambda entry: labels[entry].lower(),
    )


def _read_flag(true: str, false: str) -> Callable[[str], bool]:
    rule = filters.read_choice([true, false])
    return lambda text: rule(text) == true


def _day(from_entry: Callable[[date], datetime]) -> ValueKind[datetime]:
    """Return the kind of moments that the page enters as days; `from_entry` turns a day into a moment."""
    return ValueKind(
        read=filters.read_moment,
        read_entry=filters.read_day,
        from_entry=from_entry,
        schema={
            "type": "string",
            "anyOf": [{"format": "date-time"}, {"format": "date"}],
            "description": "In the site's time zone when it names none.",
        },
        input_attributes={"type": "date"},
        show=lambda entry: date_format(filters.read_day(entry), "j M Y"),
    )


def _read_loan_id(text: str) -> str:
    if not text:
        raise InvalidValue("required", "'' is not a Loan_ID; leave the filter out to see all.")
    return loan_id_for_search(text)


LOAN_ID_TEXT = ValueKind(read=_read_loan_id, schema=PLAIN_LINE)
ROW_ID = ValueKind(
    read=filters.read_key, schema=filters.KEY_SCHEMA, input_attributes={"inputmode": "numeric"}
)
USERNAME = ValueKind(
    read=filters.read_username, schema={"type": "string"}, input_attributes={"autocapitalize": "none"}
)
SHARE = ValueKind(
    read=filters.read_share,
    read_entry=filters.read_percentage,
    schema={"type": "number", "minimum": 0, "maximum": 1},
    input_attributes={"inputmode": "decimal"},
    unit="%",
)
AMOUNT = ValueKind(
    read=filters.read_amount,
    read_entry=filters.read_amount_entry,
    schema={
        "type": "number",
        "minimum": 0,
        "maximum": filters.LARGEST_AMOUNT,
        "description": "In the unit of the product's schema.",
    },
    input_attributes={"inputmode": "decimal"},
)
DAY_START, DAY_END = _day(start_of), _day(end_of)


class Beginning(NamedTuple):
    """How the page filters by the beginning of a text, which it does unless the box `exact` is ticked."""

    words: str
    narrow: Callable[[Rows, str], Rows]


class LowerEnd(NamedTuple):
    """The filter by the lower end of a range, and the error if the upper end is below it."""

    page: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Generic[T]):
    """A filter of a list.

    `page` and `api` are the names of its parameter on the page and in the API; an empty name leaves it out
    there. `label` is the label of the page's field, and `words` describes the filter above the list. `codes`
    returns the codes of what the filter keeps, by which blocks of predictions find it.
    """

    kind: ValueKind[T]
    narrow: Callable[[Rows, T], Rows]
    codes: Callable[[T], Known | None] = lambda value: None
    page: str = ""
    api: str = ""
    label: str = ""
    words: str = ""
    description: str = ""  # in the schema of the API, where the name does not say enough
    permission: str = ""  # needed to have it on the page
    beginning: Beginning | None = None
    lower_end: LowerEnd | None = None

    @property
    def schema(self) -> dict[str, object]:
        """Return the JSON schema of the API's parameter."""
        return self.kind.schema | ({"description": self.description} if self.description else {})


AnyFilter = Filter[Any]  # whatever its kind of values


def _by(lookup: str) -> Callable[[Rows, object], Rows]:
    """Return a function that filters by a lookup of Django, such as `created_at__gte`."""
    return lambda rows, value: rows.filter(**{lookup: value})


def _live_on(activations: Any, moment: datetime) -> Rows:
    """Keep the activation whose version was live at a moment."""
    live: Rows = activations.live_on(moment)
    return live


LOAN_ID = Filter(
    page="loan_id",
    api="Loan_ID",
    label="Loan ID",
    words="Loan ID {}",
    kind=LOAN_ID_TEXT,
    narrow=filters.filter_by_loan_id,
    beginning=Beginning("Loan ID begins with {}", filters.filter_by_loan_id_beginning),
)
OUTCOME = Filter(
    page="outcome",
    api="outcome",
    label="Outcome",
    words="{}",
    kind=_choice([(outcome, advice[0].upper() + advice[1:]) for outcome, advice in ADVICE.items()]),
    narrow=_by("outcome"),
    codes=equal_to("outcome"),
)
DECISION = Filter(
    page="decision",
    api="decision",
    label="Decision",
    words="Decision: {}",
    description="The verdict of the newest decision; `none` if there is no decision yet.",
    kind=_choice([*Decision.Verdict.choices, (filters.NOT_DECIDED, "Not decided")], str.lower),
    narrow=filters.filter_by_decision,
)
OVERRIDE = Filter(
    page="override",
    api="override",
    label="Decided",
    words="Decided {}",
    description="Whether the newest decision is against the model's advice.",
    kind=_switch("Against the advice", "Following the advice"),
    narrow=filters.filter_by_override,
)
MODEL_VERSION = Filter(
    page="version",
    api="model_version",
    label="Model version",
    words="Version {}",
    kind=ROW_ID,
    narrow=filters.filter_by_version,
    codes=equal_to("model_version"),
)
SOURCE = Filter(
    page="source",
    api="source",
    label="Source",
    words="Source: {}",
    kind=_choice(Prediction.Source.choices),
    narrow=filters.filter_by_source,
    codes=equal_to("source"),
)
OWNER = Filter(
    page="officer",
    label="Scored by",
    words="Scored by {}",
    kind=USERNAME,
    narrow=filters.filter_by_owner,
    codes=owner_codes,
    permission=SEE_ALL,
)
SINCE = Filter(
    page="since",
    api="created_after",
    label="From",
    words="From {}",
    kind=DAY_START,
    narrow=_by("created_at__gte"),
    codes=lambda moment: TimeRange(since=moment),
)
UNTIL = Filter(
    page="until",
    api="created_before",
    label="Until",
    words="Until {}",
    kind=DAY_END,
    narrow=_by("created_at__lt"),
    codes=lambda moment: TimeRange(until=moment),
    lower_end=LowerEnd("since", "The last day is before the first."),
)
PROBABILITY_MIN = Filter(
    page="probability_min",
    api="probability_min",
    label="Probability from",
    words="Probability from {}%",
    kind=SHARE,
    narrow=filters.filter_by_probability("gte"),
    codes=at_least("probability"),
)
PROBABILITY_MAX = Filter(
    page="probability_max",
    api="probability_max",
    label="Probability to",
    words="Probability up to {}%",
    kind=SHARE,
    narrow=filters.filter_by_probability("lte"),
    codes=at_most("probability"),
    lower_end=LowerEnd("probability_min", "The maximum is below the minimum."),
)
PROPOSAL_KIND = Filter(api="kind", kind=_choice(Proposal.Kind.choices), narrow=_by("kind"))
PROPOSAL_OPEN = Filter(
    api="open",
    description="Whether nobody has answered it.",
    kind=_switch("Open", "Answered"),
    narrow=lambda rows, is_open: rows.filter(answer="") if is_open else rows.exclude(answer=""),
)
AMOUNT_MIN = Filter(
    page="amount_min",
    api="amount_min",
    label="Amount from",
    words="Amount from {}",
    kind=AMOUNT,
    narrow=filters.filter_by_amount("gte"),
    codes=at_least("amount"),
)
AMOUNT_MAX = Filter(
    page="amount_max",
    api="amount_max",
    label="Amount to",
    words="Amount up to {}",
    kind=AMOUNT,
    narrow=filters.filter_by_amount("lte"),
    codes=at_most("amount"),
    lower_end=LowerEnd("amount_min", "The maximum is below the minimum."),
)
STATE = Filter(
    api="state",
    description="Where the application is on its way.",
    kind=_choice([(state.value, state.value) for state in ApplicationState]),
    narrow=lambda rows, state: in_state(rows, ApplicationState(state)),  # `rows` are of `with_state`
)
LIVE_ON = Filter(api="on", kind=DAY_START, narrow=_live_on)

CAUSE = Filter(
    page="cause",
    api="cause",
    label="Why it waits",
    words="{}",
    description="A kind of its causes.",
    kind=_choice([*filters.CAUSE_KINDS.items()]),
    narrow=filters.filter_by_cause,
)
# The queue has the amount as a column of its own.
QUEUE_AMOUNT_MIN = replace(AMOUNT_MIN, narrow=_by("amount__gte"))
QUEUE_AMOUNT_MAX = replace(AMOUNT_MAX, narrow=_by("amount__lte"))
FROM_BATCH = Filter(
    page="from_batch",
    api="from_batch",
    label="From a batch",
    words="From a batch: {}",
    kind=_switch("Yes", "No"),
    narrow=lambda rows, batch: rows.filter(batch__isnull=not batch),
)

BATCH = Filter(
    page="batch",
    api="batch",
    label="Batch",
    words="Batch {}",
    description="The id of a batch.",
    kind=ROW_ID,
    narrow=filters.filter_by_batch,
)
QUEUE_BATCH = replace(BATCH, narrow=_by("batch"))

# In the order of the page: of its fields, and of the words above its list.
PREDICTION_FILTERS: tuple[AnyFilter, ...] = (
    *(LOAN_ID, OUTCOME, DECISION, OVERRIDE, MODEL_VERSION, SOURCE, BATCH, OWNER),
    *(SINCE, UNTIL, PROBABILITY_MIN, PROBABILITY_MAX, AMOUNT_MIN, AMOUNT_MAX),
)
APPLICANT_FILTERS: tuple[AnyFilter, ...] = (SINCE, UNTIL, LOAN_ID)
APPLICATION_FILTERS: tuple[AnyFilter, ...] = (LOAN_ID, STATE, SINCE, UNTIL)
PROPOSAL_FILTERS: tuple[AnyFilter, ...] = (PROPOSAL_KIND, PROPOSAL_OPEN)
ACTIVATION_FILTERS: tuple[AnyFilter, ...] = (LIVE_ON,)
QUEUE_FILTERS: tuple[AnyFilter, ...] = (
    *(CAUSE, QUEUE_AMOUNT_MIN, QUEUE_AMOUNT_MAX),
    *(FROM_BATCH, QUEUE_BATCH),
)
