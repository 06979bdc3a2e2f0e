"""An independent, deliberately naive reading of formats.md, to hold the product against."""
