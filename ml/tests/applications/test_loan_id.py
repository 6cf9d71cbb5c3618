"""What a Loan_ID may be."""
