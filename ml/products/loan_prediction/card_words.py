"""What the model card says about the article's table alone."""

NOT_MEANT_FOR = "predicting whether a loan is repaid"
PROXY_WARNING = (
    "A model without Gender and Married can still treat their groups differently: in the public table of 614 "
    "applications the other columns predict Married with a ROC-AUC of 0.78. Compare the rates by group."
)
