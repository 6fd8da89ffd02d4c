"""The pages that messages lead to: a person reads what is asked of him and answers there."""
