"""Documents for paper and files: Typst templates, set as PDF that archives accept and screen readers can read."""
