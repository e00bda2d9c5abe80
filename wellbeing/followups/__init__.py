"""Promises to get back to a student: when, how, how often, and what if one is missed."""
