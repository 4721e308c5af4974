"""Tapes, pure: files read into columns of text, columns mapped to fields, rules, and writing."""
