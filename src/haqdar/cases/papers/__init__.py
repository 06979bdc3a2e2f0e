"""The documents of orders: their words (`wording`), setting and keeping (`making`), and the signature (`signing`)."""
