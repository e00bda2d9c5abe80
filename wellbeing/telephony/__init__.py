"""The telephony port: what the product asks of a carrier, and the steps of a call. Pure."""
