"""A pretend Twilio with phones on a desk, reached over HTTP only; no code of the product."""
