import django_filters

from predictions.models import Applicant, Prediction


class _Filters(django_filters.FilterSet):
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")


class ApplicantFilters(_Filters):
    Loan_ID = django_filters.CharFilter(field_name="loan_id")

    class Meta:
        model = Applicant
        fields: list[str] = []


class PredictionFilters(_Filters):
    Loan_ID = django_filters.CharFilter(field_name="applicant__loan_id")
    outcome = django_filters.ChoiceFilter(choices=Prediction.Outcome.choices)
    source = django_filters.ChoiceFilter(choices=Prediction.Source.choices)
    model_version = django_filters.NumberFilter(min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Prediction
        fields: list[str] = []
