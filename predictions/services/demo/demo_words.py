"""What the demo's people write, in the words of the trade."""

WHY_APPROVED = [
    ("new_document", "Settlement letter of 3 March shows the old debt as paid in full."),
    ("new_document", "Tax return brought in later: income is higher than what was entered."),
    ("compensating", "Twelve years with the same employer, and savings of ten monthly instalments."),
    ("compensating", "A second guarantor signed; she owns her flat without a mortgage."),
    ("wrong_value", "The loan amount was entered with the fees. Without them it is 15 thousand lower."),
    ("other", "Renewal of a loan that was paid back on time for six years."),
]
WHY_DENIED = [
    ("hidden_risk", "The employer announced that the site closes in autumn."),
    ("hidden_risk", "Bank statements show regular payments to a lender that the application does not name."),
    ("wrong_value", "The co-applicant's income was entered for the year, not for the month."),
    ("policy_rule", "The property has no completed survey; lending rules ask for one."),
    ("other", "The applicant withdrew one of the two properties offered as security."),
]
NOTES = [
    "",
    "",
    "",
    "Papers complete.",
    "Income checked against three payslips.",
    "Spoke with the applicant by phone.",
]
NOTICE_END = "\n(Demo data: nobody applied, and nobody was denied.)\n"
