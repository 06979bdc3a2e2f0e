"""The line to the State's treasury: bills go out with their credits, tokens, vouchers, paid and failed credits come back.

`envelope` and `client` speak; `queueing` says what is to be asked, `exchanging` asks it and takes the answers in. Without an
address in the settings the line is off and the rest of the house works without it.
"""
